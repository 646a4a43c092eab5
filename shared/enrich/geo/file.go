package geo

import (
	"cmp"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/oschwald/maxminddb-golang/v2"

	"github.com/weirflow/weir/shared/flow"
)

// file is a file in memory. It never changes.
type file struct {
	reader *maxminddb.Reader
	places []located // sorted by offset
	only4  bool      // the tree holds no IPv6 addresses
	built  int64     // seconds since the Unix epoch

	hasCountry, hasASN bool
}

// located is the place that the record at an offset of the data section tells.
type located struct {
	offset uint32
	place  Place
}

// load reads a file and looks through all of it. The information is that of the file as it was opened.
func load(path string) (*file, os.FileInfo, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, nil, err
	}
	if info.Size() > MaxFile {
		return nil, info, fmt.Errorf("%s: %w: %d bytes, at most %d", path, ErrTooLarge, info.Size(), MaxFile)
	}
	content := make([]byte, info.Size())
	if _, err := io.ReadFull(f, content); err != nil {
		return nil, info, fmt.Errorf("read %s: %w", path, err)
	}
	parsed, err := parse(content)
	if err != nil {
		return nil, info, fmt.Errorf("%s: %w", path, err)
	}
	return parsed, info, nil
}

func parse(content []byte) (*file, error) {
	reader, err := maxminddb.OpenBytes(content)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFormat, err)
	}
	f := &file{reader: reader, only4: reader.Metadata.IPVersion == 4, built: int64(reader.Metadata.BuildEpoch)}
	if err := f.gather(); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrBroken, err)
	}
	return f, nil
}

// leavesPerNode bounds the walk. A tree has one leaf more than nodes, and again those of parts that it shows at several places;
// a tree that runs in circles has more than any walk can see.
const leavesPerNode = 8

// gather reads every record once, so that all that a look-up can come to is known to be whole. It does what the library's own
// Verify does without what that asks beyond the format, such as a data section without unused records.
func (f *file) gather() error {
	seen, leaves := map[uint32]Place{}, uint64(0)
	for result := range f.reader.Networks(maxminddb.IncludeNetworksWithoutData()) {
		if err := result.Err(); err != nil {
			return err
		}
		if leaves++; leaves > leavesPerNode*uint64(f.reader.Metadata.NodeCount)+leavesPerNode {
			return fmt.Errorf("the search tree runs in circles")
		}
		if !result.Found() {
			continue
		}
		offset := uint32(result.Offset())
		if _, ok := seen[offset]; ok {
			continue
		}
		var record any
		if err := result.Decode(&record); err != nil {
			return fmt.Errorf("record of %s: %w", result.Prefix(), err)
		}
		seen[offset] = placeOf(record)
	}
	f.keep(seen)
	return nil
}

// keep keeps the places that are known.
func (f *file) keep(seen map[uint32]Place) {
	f.places = make([]located, 0, len(seen))
	for offset, p := range seen {
		if p != (Place{}) {
			f.places = append(f.places, located{offset, p})
		}
		f.hasCountry = f.hasCountry || p.Country != [2]byte{}
		f.hasASN = f.hasASN || p.ASN != 0
	}
	slices.SortFunc(f.places, func(a, b located) int { return cmp.Compare(a.offset, b.offset) })
}

// place returns the place of an address; a nil file knows none.
func (f *file) place(a flow.Addr) Place {
	if f == nil || (f.only4 && !a.Is4()) {
		return Place{}
	}
	result := f.reader.Lookup(a.Netip())
	if !result.Found() {
		return Place{}
	}
	i, found := slices.BinarySearchFunc(f.places, uint32(result.Offset()), func(l located, offset uint32) int { return cmp.Compare(l.offset, offset) })
	if !found {
		return Place{}
	}
	return f.places[i].place
}
