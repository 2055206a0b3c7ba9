package archive

import (
	"archive/tar"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pr-stack/internal/hint"
)

// entry is a file of an archive, or a link in it.
type entry struct {
	name, content, link string
}

func write(t *testing.T, entries ...entry) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "image.tar")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	w := tar.NewWriter(f)
	for _, e := range entries {
		header := &tar.Header{Name: e.name, Size: int64(len(e.content)), Mode: 0o600}
		if e.link != "" {
			header.Typeflag, header.Linkname = tar.TypeSymlink, e.link
		}
		if err := w.WriteHeader(header); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(e.content)); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(w.Close(), f.Close()); err != nil {
		t.Fatal(err)
	}
	return path
}

// emptyLayer is gzip's encoding of nothing.
const emptyLayer = "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\x03\x00\x00\x00\x00\x00\x00\x00\x00\x00"

const someDigest = "sha256:1111111111111111111111111111111111111111111111111111111111111111"

func repeated(name string, n int) string {
	return strings.TrimSuffix(strings.Repeat(fmt.Sprintf("%q,", name), n), ",")
}

func manifest(layers string) entry {
	return entry{name: "manifest.json", content: `[{"Config":"c","Layers":[` + layers + `]}]`}
}

func configuration(layers, size int) entry {
	json := `{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":[` + repeated(someDigest, layers) + `]}}`
	return entry{name: "c", content: json + strings.Repeat(" ", max(0, size-len(json)))}
}

// sourced returns the files of an image whose manifest says where its only layer comes from.
func sourced(mediaType, more string) []entry {
	return []entry{
		{name: "manifest.json", content: `[{"Config":"c","Layers":["l"],"LayerSources":{"` + someDigest +
			`":{"mediaType":"` + mediaType + `","size":20,"digest":"` + someDigest + `"` + more + `}}}]`},
		configuration(1, 0),
		{name: "l", content: emptyLayer},
	}
}

// Whoever made the archive may want the job to take all of its machine's memory or time.
func TestOpen_rejects_what_takes_more_than_its_size_explains(t *testing.T) {
	const mib = 1 << 20
	large := entry{name: "l", content: emptyLayer + strings.Repeat("x", mib)}
	var many, links []entry
	for n := range maxFiles + 1 {
		many = append(many, entry{name: fmt.Sprint(n)})
	}
	for n := range 20 {
		links = append(links, entry{name: fmt.Sprint("l", n), link: "l"})
	}
	var linked []string
	for n := range 20 {
		linked = append(linked, fmt.Sprintf("%q", fmt.Sprint("l", n)))
	}
	layer := entry{name: "l", content: emptyLayer}
	image := func(named string, layers, configSize int, layer entry) []entry {
		return []entry{manifest(named), configuration(layers, configSize), layer}
	}
	for name, test := range map[string]struct {
		entries []entry
		want    string
	}{
		"registry":      {image(repeated("", 5*mib/3), 1, 0, layer), "its manifest.json is larger than 4 MiB"},
		"configuration": {image(repeated("l", 1), 1, 5*mib, layer), "its image's configuration is larger"},
		"configuration for each layer": {
			image(repeated("l", 100), 100, mib, layer), "its image's configuration is larger",
		},
		"layers":     {image(repeated("l", 128), 128, 0, layer), "its image has 128 layers"},
		"same layer": {image(repeated("l", 100), 100, 0, large), "its image lists the same layers too often"},
		"same by links": {
			append(links, image(strings.Join(linked, ","), 20, 0, large)...),
			"its image lists the same layers too often",
		},
		"files": {many, "it holds more than 4096 files"},
		"names": {[]entry{{name: strings.Repeat("n", 5000)}}, "the name of one of its files is too long"},
		"quoted name": {
			[]entry{{name: "manifest.json", content: `[{"Config":"` + strings.Repeat("n", mib) + `"}]`}}, "file nnn",
		},
		"layer elsewhere": {
			sourced("application/vnd.docker.image.rootfs.diff.tar.gzip", `,"urls":["https://evil.example/layer"]`),
			"its image has a layer that is not in it",
		},
		"foreign layer": {
			sourced("application/vnd.docker.image.rootfs.foreign.diff.tar.gzip", ""),
			"its image has a layer that is not in it",
		},
	} {
		_, err := Push{Tag: "registry.example.com/hello:1"}.Push(t.Context(), write(t, test.entries...))
		text := fmt.Sprint(err)
		if !strings.HasPrefix(text, "read image archive image.tar: "+test.want) || len(text) > 400 || len(hint.Of(err)) != 1 {
			t.Errorf("%s: Push = %.400s, want %q and one hint", name, text, test.want)
		}
	}
}

// docker save names the empty layer as often as the image has it, and docker of old saved a layer that
// is there twice as a link.
func TestOpen_takes_what_docker_writes(t *testing.T) {
	layer := entry{name: "l", content: emptyLayer}
	for name, entries := range map[string][]entry{
		"the empty layer twice":   {manifest(repeated("l", 2)), configuration(2, 0), layer},
		"the empty layer, always": {manifest(repeated("l", maxLayers)), configuration(maxLayers, 0), layer},
		"a link": {
			manifest(`"1/l","2/l"`), configuration(2, 0), {name: "1/l", content: emptyLayer}, {name: "2/l", link: "../1/l"},
		},
		"Docker's own source":  sourced("application/vnd.oci.image.layer.v1.tar", ""),
		"a long configuration": {manifest(repeated("l", 1)), configuration(1, 2<<20), layer},
	} {
		image, err := open(write(t, entries...))
		if err == nil {
			_, err = image.Digest()
		}
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if size := (files{"a": {link: "b"}, "b": {link: "a"}}).size("a"); size != 0 {
		t.Errorf("size of a circle of links = %d, want 0", size)
	}
}

// What a stranger wrote may be rejected, and must not end the program.
func FuzzOpen(f *testing.F) {
	f.Add(manifest(repeated("l", 2)).content, configuration(2, 0).content, emptyLayer)
	f.Add(sourced("application/vnd.oci.image.layer.v1.tar", `,"data":"AA==","platform":{}`)[0].content, `null`, "")
	f.Add(`[null]`, `{"rootfs":{"diff_ids":["sha256:x"]}}`, "\x28\xb5\x2f\xfd")
	f.Fuzz(func(t *testing.T, manifest, config, layer string) {
		path := write(t, entry{name: "manifest.json", content: manifest}, entry{name: "c", content: config},
			entry{name: "l", content: layer})
		image, err := open(path)
		if err != nil {
			return
		}
		if _, err := image.Digest(); err != nil {
			return
		}
		m, err := image.Manifest()
		if err != nil {
			return
		}
		for _, l := range m.Layers {
			if len(l.URLs) > 0 || !l.MediaType.IsDistributable() {
				t.Errorf("the manifest to be pushed has a layer elsewhere: %+v", l)
			}
		}
	})
}
