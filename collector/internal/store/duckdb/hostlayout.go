//go:build cgo

package duckdb

import (
	"errors"
	"os"

	"github.com/weirflow/weir/collector/internal/store"
	"github.com/weirflow/weir/collector/internal/store/parquet"
)

// layoutOf returns the layout of a sealed file; nil where it is none that can be read by places.
func (s *Store) layoutOf(p *piece) *parquet.Layout {
	s.hosts.mu.Lock()
	l, known := s.hosts.layouts[p.part]
	s.hosts.mu.Unlock()
	if known {
		return l
	}
	l, err := readLayout(p)
	if err != nil {
		s.deps.Log.Warn("questions for records of a host read a file slowly", "file", p.path, "error", err)
	}
	s.hosts.putLayout(p.part, l)
	return l
}

// maxLayouts is how much the layouts that are kept may take, in bytes.
const maxLayouts = 16 << 20

func (h *hosts) putLayout(p store.Part, l *parquet.Layout) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if _, ok := h.layouts[p]; ok {
		return
	}
	if h.layouts == nil || h.layoutBytes > maxLayouts {
		h.layouts, h.layoutBytes = map[store.Part]*parquet.Layout{}, 0
	}
	h.layouts[p] = l
	if l != nil {
		h.layoutBytes += l.Bytes()
	}
}

// readLayout reads where the columns of a piece's file lie.
func readLayout(p *piece) (*parquet.Layout, error) {
	l, err := layoutAt(p.path)
	if err == nil && (l.Groups() != p.of || l.Rows(p.group) != p.to-p.from+1) {
		return nil, errors.New("its row groups are not those of its host index")
	}
	return l, err
}

func layoutAt(path string) (*parquet.Layout, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer closeRead(f)
	return parquet.ReadLayout(f)
}
