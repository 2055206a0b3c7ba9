package archive

import (
	"archive/tar"
	"errors"
	"fmt"
	"io"
	"os"
	"path"

	"github.com/google/go-containerregistry/pkg/v1/tarball"

	"pr-stack/internal/hint"
)

// An archive may be a stranger's. These limits say how much of one is read, and how often.
const (
	maxFiles  = 4096     // each file is searched for from the beginning of the archive
	maxName   = 4096     // bytes of a file's name, as in Linux
	maxLayers = 127      // as many as Docker can run
	maxJSON   = 4 << 20  // bytes of the manifest and of the configuration, which are read into memory
	maxParsed = 64 << 20 // bytes of the configuration, which package tarball parses again for each layer
	maxRepeat = 16 << 20 // bytes that are read again: the empty layer is in many images several times
)

const smallerImage = "build an image with fewer and smaller parts"

// check rejects an archive that would take more time or memory to read than its size explains, and
// one whose image has layers elsewhere.
func check(path string) error {
	files, size, err := list(path)
	if err != nil {
		return err
	}
	if files.size("manifest.json") > maxJSON {
		return hint.New(smallerImage, "its manifest.json is larger than %d MiB", maxJSON>>20)
	}
	manifest, err := tarball.LoadManifest(func() (io.ReadCloser, error) { return os.Open(path) })
	if err != nil {
		return err
	}
	if len(manifest) != 1 {
		return fmt.Errorf("it holds %d images", len(manifest))
	}
	return files.checkImage(manifest[0], size)
}

func (f files) checkImage(image tarball.Descriptor, size int64) error {
	if len(image.Layers) > maxLayers {
		return hint.New(smallerImage, "its image has %d layers, more than the %d that Docker can run",
			len(image.Layers), maxLayers)
	}
	if n := f.size(image.Config); n > maxJSON || n*int64(len(image.Layers)) > maxParsed {
		return hint.New(smallerImage, "its image's configuration is larger than %d MiB, or takes more than %d MiB to read for all of its layers",
			maxJSON>>20, maxParsed>>20)
	}
	for _, layer := range image.LayerSources {
		if len(layer.URLs) > 0 || !layer.MediaType.IsDistributable() {
			return hint.New("build on a base image whose layers can be pushed",
				"its image has a layer that is not in it, but at an address elsewhere")
		}
	}
	var read int64
	for _, name := range image.Layers {
		if read += f.size(name); read > size+maxRepeat {
			return hint.New(smallerImage, "its image lists the same layers too often")
		}
	}
	return nil
}

// files are the files of an archive by their clean names. If two have the same name, the first counts.
type files map[string]file

type file struct {
	size int64
	link string // what it links to, relative to its own folder; "" if it is no link
}

// list returns the files of an archive, and the size of the archive. It rejects one whose files are
// larger than the archive itself: a few bytes of a sparse file can stand for any number of zeros.
func list(name string) (files, int64, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, 0, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, 0, err
	}
	found, total := files{}, int64(0)
	for r, n := tar.NewReader(f), 1; ; n++ {
		header, err := r.Next()
		switch {
		case errors.Is(err, io.EOF):
			return found, info.Size(), nil
		case err != nil:
			return nil, 0, err
		case n > maxFiles:
			return nil, 0, hint.New(smallerImage, "it holds more than %d files", maxFiles)
		case len(header.Name)+len(header.Linkname) > maxName:
			return nil, 0, errors.New("the name of one of its files is too long")
		}
		if total += header.Size; header.Size < 0 || total > info.Size() {
			return nil, 0, errors.New("its files are larger than the archive itself")
		}
		clean := path.Clean(header.Name)
		if _, twice := found[clean]; twice {
			continue
		}
		found[clean] = file{size: header.Size}
		if header.Typeflag == tar.TypeSymlink || header.Typeflag == tar.TypeLink {
			found[clean] = file{link: path.Clean(header.Linkname)}
		}
	}
}

// size returns how many bytes are read for a name, as package tarball reads it, which follows links.
// A file that does not exist has none; reading it fails.
func (f files) size(name string) int64 {
	for range len(f) {
		found := f[path.Clean(name)]
		if found.link == "" {
			return found.size
		}
		name = path.Join(path.Dir(name), found.link)
	}
	return 0 // the links form a circle
}
