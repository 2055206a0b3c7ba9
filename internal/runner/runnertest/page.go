package runnertest

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"sync"
)

// Page shows a step's log as the log page does while the step writes it: groups unfolded,
// annotations in words, masked values as ***. It is safe for concurrent use.
type Page struct {
	Out    io.Writer
	Prefix string // at the start of every line
	// Folded reports whether a group is shown as its title alone. Nil: none is.
	Folded func(title string) bool

	mu      sync.Mutex
	partial []byte
	reader  reader
	indent  string
	folded  bool // the lines of the group are not shown
	masks   []string
}

// Write shows the lines that are complete.
func (p *Page) Write(text []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.partial = append(p.partial, text...)
	for {
		line, rest, ok := bytes.Cut(p.partial, []byte("\n"))
		if !ok {
			return len(text), nil
		}
		p.show(strings.TrimRight(string(line), "\r"))
		p.partial = rest
	}
}

// Close shows a last line that has no line break at its end.
func (p *Page) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.partial) > 0 {
		p.show(string(p.partial))
	}
	p.partial = nil
	return nil
}

func (p *Page) show(line string) {
	command, ok := p.reader.command(line)
	if !ok {
		if !p.folded {
			p.print(p.indent + line)
		}
		return
	}
	switch command.Name {
	case "add-mask":
		p.masks = append(p.masks, command.Message)
	case "group":
		p.indent, p.folded = "  ", p.Folded != nil && p.Folded(command.Message)
		if p.folded {
			p.print("▸ " + command.Message)
			return
		}
		p.print("▾ " + command.Message)
	case "endgroup":
		p.indent, p.folded = "", false
	case "error", "warning", "notice":
		level := strings.ToUpper(command.Name[:1]) + command.Name[1:]
		for i, part := range strings.Split(command.Message, "\n") {
			if i == 0 {
				part = level + ": " + part
			}
			p.print(p.indent + part)
		}
	}
}

func (p *Page) print(line string) {
	for _, secret := range p.masks {
		if secret != "" {
			line = strings.ReplaceAll(line, secret, "***")
		}
	}
	fmt.Fprintln(p.Out, p.Prefix+line)
}

// Render returns a whole log as GitHub's log page shows it.
func Render(log string) string {
	var out strings.Builder
	page := &Page{Out: &out}
	_, _ = io.WriteString(page, log) // a strings.Builder takes everything
	_ = page.Close()
	return out.String()
}
