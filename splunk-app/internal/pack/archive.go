package pack

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"
	"time"
)

// made is the time of every file in an archive: one that says nothing about when it was built.
var made = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

// Archive returns the package as Splunk installs it.
func (p *Package) Archive() ([]byte, error) {
	var out bytes.Buffer
	z, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	t := tar.NewWriter(z)
	folders := map[string]bool{}
	for i := range p.Files {
		f := &p.Files[i]
		name := path.Join(p.ID, f.Name)
		if err = p.folders(t, path.Dir(name), folders); err == nil {
			err = write(t, &tar.Header{Typeflag: tar.TypeReg, Name: name, Mode: int64(f.Mode.Perm()), Size: int64(len(f.Data))}, f.Data)
		}
		if err != nil {
			return nil, fmt.Errorf("pack %s: %w", name, err)
		}
	}
	if err := t.Close(); err != nil {
		return nil, err
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// folders writes those above a file that have not been written yet.
func (p *Package) folders(t *tar.Writer, name string, done map[string]bool) error {
	if name == "." || done[name] {
		return nil
	}
	done[name] = true
	if err := p.folders(t, path.Dir(name), done); err != nil {
		return err
	}
	return write(t, &tar.Header{Typeflag: tar.TypeDir, Name: name + "/", Mode: 0o755}, nil)
}

// write puts a member into an archive, which belongs to nobody in particular.
func write(t *tar.Writer, h *tar.Header, data []byte) error {
	h.ModTime, h.Format = made, tar.FormatUSTAR
	if err := t.WriteHeader(h); err != nil {
		return err
	}
	_, err := t.Write(data)
	return err
}

// most is the most bytes of a file that is read from an archive.
const most = 256 << 20

// FromArchive reads a package as Splunk would: members outside of the one folder, links and paths that lead elsewhere are errors.
func FromArchive(in io.Reader) (*Package, error) {
	z, err := gzip.NewReader(in)
	if err != nil {
		return nil, fmt.Errorf("read the package: %w", err)
	}
	p, t := &Package{}, tar.NewReader(z)
	for {
		h, err := t.Next()
		if errors.Is(err, io.EOF) {
			return p, nil
		}
		if err != nil {
			return nil, fmt.Errorf("read the package: %w", err)
		}
		id, name, _ := strings.Cut(strings.TrimSuffix(h.Name, "/"), "/")
		switch {
		case h.Typeflag != tar.TypeReg && h.Typeflag != tar.TypeDir, p.ID != "" && id != p.ID, !fs.ValidPath(id+"/"+strings.TrimSuffix(name, "/")) && name != "", id == "", id == ".", id == "..":
			return nil, fmt.Errorf("%s has no place in the package of %s", h.Name, p.ID)
		}
		p.ID = id
		if h.Typeflag == tar.TypeDir {
			continue
		}
		data, err := io.ReadAll(io.LimitReader(t, most))
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", h.Name, err)
		}
		p.Add(name, data, fs.FileMode(h.Mode).Perm())
	}
}
