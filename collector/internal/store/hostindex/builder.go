package hostindex

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"strings"

	"github.com/zeebo/xxh3"
)

// Group is what an index says of a row group besides its addresses. Times are ns since the Unix epoch.
type Group struct {
	Rows  int
	Keys  int   // distinct addresses
	First int64 // the least of what answers are sorted by: the end of records, the start of sessions; math.MinInt64 where a row has none
	From  int64 // the least end of its rows, 0 for those without
	To    int64 // the greatest
	Told  bool  // sessions: a row tells of a session anew
}

// flagTold is the flag of Group.Told.
const flagTold = 1

// Sizes of the format.
const (
	magic      = "weirhost"
	version    = 2
	headerSize = 64
	groupSize  = 40
	sumSize    = 4 // of a bucket
	// keysPerSet is about how many fingerprints of a row group share a bucket: fewer waste room, more make a look-up read more.
	keysPerSet    = 48
	maxBucketBits = 16
	maxGroups     = 1 << 20
	maxNames      = 1 << 16 // bytes of Empty
)

// Builder makes an index, row group by row group.
type Builder struct {
	// Empty are the names of the file's columns that have no value in any row: who reads the file need not read them.
	Empty []string

	groups     []Group
	bucketBits uint8
	sets       [][]byte   // by group: its sets, one after the other
	ends       [][]uint32 // by group: where the set of each bucket ends
}

// Add takes the next row group, whose addresses have the keys given, in ascending order and each once. Keys of g is filled in.
func (b *Builder) Add(g Group, keys []Key) {
	g.Keys = len(keys)
	if len(b.groups) == 0 {
		b.bucketBits = bucketBitsFor(len(keys))
	}
	ends := make([]uint32, 1<<b.bucketBits)
	var sets []byte
	from := 0
	for bucket := range ends {
		to := from
		for to < len(keys) && bucketOf(keys[to], b.bucketBits) == bucket {
			to++
		}
		sets = appendSet(sets, keys[from:to], b.bucketBits)
		ends[bucket] = uint32(len(sets))
		from = to
	}
	b.groups, b.sets, b.ends = append(b.groups, g), append(b.sets, sets), append(b.ends, ends)
}

func bucketBitsFor(keys int) uint8 {
	n := uint8(0)
	for n < maxBucketBits && keys>>n > keysPerSet {
		n++
	}
	return n
}

// Bytes returns the index of a file with so many bytes.
func (b *Builder) Bytes(fileBytes int64) ([]byte, error) {
	if len(b.groups) > maxGroups {
		return nil, fmt.Errorf("index of %d row groups: at most %d", len(b.groups), maxGroups)
	}
	names := strings.Join(b.Empty, ",")
	if len(names) > maxNames {
		return nil, fmt.Errorf("index with %d bytes of names: at most %d", len(names), maxNames)
	}
	buckets := 1 << b.bucketBits
	size := headSize(len(b.groups), len(names), b.bucketBits)
	whole := size
	for _, s := range b.sets {
		whole += len(s)
	}
	dst := make([]byte, size, whole+buckets*sumSize)
	if int64(cap(dst)) > math.MaxUint32 {
		return nil, errors.New("index of more than 4 GiB")
	}
	directory := dst[size-4*(buckets+1) : size]
	for bucket := range buckets {
		from := len(dst)
		binary.LittleEndian.PutUint32(directory[4*bucket:], uint32(from-size))
		for g := range b.groups {
			dst = append(dst, b.set(g, bucket)...)
		}
		dst = binary.LittleEndian.AppendUint32(dst, bucketSum(dst[from:]))
	}
	binary.LittleEndian.PutUint32(directory[4*buckets:], uint32(len(dst)-size))
	copy(dst[headerSize+len(b.groups)*groupSize:], names)
	binary.LittleEndian.PutUint32(dst[48:], uint32(len(names)))
	b.head(dst, size, fileBytes)
	return dst, nil
}

func (b *Builder) set(group, bucket int) []byte {
	from := uint32(0)
	if bucket > 0 {
		from = b.ends[group][bucket-1]
	}
	return b.sets[group][from:b.ends[group][bucket]]
}

func (b *Builder) head(dst []byte, size int, fileBytes int64) {
	le := binary.LittleEndian
	copy(dst, magic)
	le.PutUint16(dst[8:], version)
	le.PutUint16(dst[10:], uint16(b.bucketBits))
	le.PutUint32(dst[12:], uint32(len(b.groups)))
	var rows, keys uint64
	for i, g := range b.groups {
		rows, keys = rows+uint64(g.Rows), keys+uint64(g.Keys)
		at := dst[headerSize+i*groupSize:]
		le.PutUint32(at, uint32(g.Rows))
		le.PutUint32(at[4:], uint32(g.Keys))
		if g.Told {
			le.PutUint32(at[8:], flagTold)
		}
		le.PutUint64(at[16:], uint64(g.First))
		le.PutUint64(at[24:], uint64(g.From))
		le.PutUint64(at[32:], uint64(g.To))
	}
	le.PutUint64(dst[16:], rows)
	le.PutUint64(dst[24:], uint64(fileBytes))
	le.PutUint64(dst[32:], keys)
	le.PutUint64(dst[40:], uint64(len(dst)-size))
	le.PutUint64(dst[56:], headSum(dst[:size]))
}

// headSize is the size of all before the buckets.
func headSize(groups, names int, bucketBits uint8) int {
	return headerSize + groups*groupSize + names + 4*(1<<bucketBits+1)
}

// headSum is the checksum of all before the buckets, but for its own place.
func headSum(head []byte) uint64 {
	h := xxh3.New()
	_, _ = h.Write(head[:56]) // never fails
	_, _ = h.Write(head[headerSize:])
	return h.Sum64()
}

func bucketSum(b []byte) uint32 { return uint32(xxh3.Hash(b)) }
