//go:build cgo

package duckdb_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/weirflow/weir/collector/internal/store"
	"github.com/weirflow/weir/collector/internal/store/duckdb"
	"github.com/weirflow/weir/shared/filter/filtertest"
	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/query"
	"github.com/weirflow/weir/shared/query/conformance"
	"github.com/weirflow/weir/shared/session"
)

// spread is records and sessions whose hosts come and go: each is in a few row groups of 2,048 rows.
type spread struct {
	records  *flow.Batch
	sessions []*flow.SessionBatch
}

const spreadRecords = 24_000

func newSpread(rng *rand.Rand) spread {
	b := filtertest.RandomBatch(rng, spreadRecords)
	for i := range b.Records {
		r := &b.Records[i]
		for _, ip := range []*flow.Addr{&r.Source.IP, &r.Destination.IP} {
			if !ip.IsZero() {
				*ip = hostAt(rng, i)
			}
		}
		if rng.IntN(50) == 0 {
			r.Source.NAT = hostAt(rng, i)
		}
		if r.End != 0 && i < spreadRecords/2 { // the other half comes in any order
			move := noon.UnixNano() + int64(i)*1e8 - r.End
			r.End += move
			if r.Start != 0 {
				r.Start += move
			}
		}
	}
	told := filtertest.RandomSessions(rng, 5000)
	base := map[uint64]int{}
	for _, batch := range told {
		for i := range batch.Sessions {
			s := &batch.Sessions[i]
			n, ok := base[s.ID.Hi]
			if !ok {
				n = len(base)
				base[s.ID.Hi] = n
			}
			local := rand.New(rand.NewPCG(uint64(n), 1))
			a, z := hostAt(local, 4*n), hostAt(local, 4*n)
			if s.Client.IP.String() > s.Server.IP.String() { // some change sides
				a, z = z, a
			}
			s.Client.IP, s.Server.IP = a, z
			if move := noon.UnixNano() + int64(n)*1e8 - s.Born; n%3 > 0 {
				s.Start, s.End, s.Born = s.Start+move, s.End+move, s.Born+move
			}
			s.ID = session.IDOf(s)
		}
	}
	return spread{b, told}
}

// hostAt draws a host of those that talk when the record of a number is seen; a few always do.
func hostAt(rng *rand.Rand, n int) flow.Addr {
	if rng.IntN(20) == 0 {
		return flow.AddrFrom4(0xc0a80000 + rng.Uint32N(3))
	}
	if rng.IntN(8) == 0 {
		return flow.AddrFromWords(0x20010db800000000, uint64(n/1500)*4+rng.Uint64N(4))
	}
	return flow.AddrFrom4(0x0a000000 + uint32(n/1500)*16 + rng.Uint32N(16))
}

// store writes all to a folder: three sealed parts and a hot one of each kind.
func (d *spread) store(t *testing.T, dir string) {
	s := open(t, store.Config{Dir: dir, GroupRows: 2048}, store.Deps{Symbols: d.records.Symbols})
	account := flow.NewAccount()
	cuts := []int{0, 13_000, 20_000, 23_000, spreadRecords}
	for i := range 4 {
		write(t, s, addDatagrams(part(d.records, cuts[i], cuts[i+1]), account))
		if i < len(d.sessions) {
			tell(t, s, d.sessions[i])
		}
		if i < 3 {
			if err := s.SealAll(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
	}
	if st := s.Stats(); st.HostsMade != 6 || st.HostsFailed != 0 {
		t.Fatalf("%d host indexes were made, %d not", st.HostsMade, st.HostsFailed)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

// filterOn draws a filter that needs hosts.
func filterOn(rng *rand.Rand, fields []string) string {
	host := func() string {
		ip := hostAt(rng, rng.IntN(spreadRecords+3000)) // some are not there
		text := fmt.Sprintf("%q", ip.String())
		if ip.Is4() && rng.IntN(4) == 0 {
			return ip.String() + fmt.Sprintf("/%d", 26+rng.IntN(7))
		}
		return text
	}
	one := func() string {
		field := fields[rng.IntN(len(fields))]
		if rng.IntN(3) == 0 {
			return fmt.Sprintf("%s : (%s or %s)", field, host(), host())
		}
		return field + " : " + host()
	}
	switch rng.IntN(8) {
	case 0:
		return one() + " and " + one()
	case 1:
		return one() + " or " + one()
	case 2:
		return one() + " and not " + one()
	case 3:
		return "not " + one()
	case 4:
		return one() + " or network.transport : udp"
	case 5:
		return one() + " and (network.transport : tcp or " + one() + ")"
	}
	return one()
}

func questionOn(rng *rand.Rand, fields []string) query.Question {
	q := query.Question{Filter: filterOn(rng, fields), Limit: 1 + rng.IntN(200)}
	if rng.IntN(4) == 0 {
		q.Offset = rng.IntN(300)
	}
	if rng.IntN(3) == 0 {
		q.From = noon.Add(time.Duration(rng.IntN(2000)) * time.Second)
	}
	if rng.IntN(3) == 0 {
		q.To = noon.Add(time.Duration(2000+rng.IntN(2000)) * time.Second)
	}
	return q
}

var (
	recordHosts  = []string{"related.ip", "related.ip", "source.ip", "destination.ip", "source.nat.ip"}
	sessionHosts = []string{"related.ip", "related.ip", "client.ip", "server.ip", "source.ip", "source.nat.ip"}
)

// holdTo holds the store to the reference.
func (d *spread) holdTo(t *testing.T, s *duckdb.Store, rng *rand.Rand, questions int) {
	t.Helper()
	reference := conformance.NewReference(d.records).WithSessions(d.sessions...)
	some := 0
	for range questions {
		q := questionOn(rng, recordHosts)
		got, err := s.Records(t.Context(), q)
		if err != nil {
			t.Fatalf("%+v: %v", q, err)
		}
		want, err := reference.Records(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(idsOf(want), idsOf(got)); diff != "" {
			t.Fatalf("records of %+v: %s", q, diff)
		}
		some += min(len(got.Records), 1)
		for _, by := range [][]string{{"source.ip"}, nil} {
			sums := query.Question{Filter: q.Filter, From: q.From, To: q.To, By: by}
			total, err := s.Aggregate(t.Context(), sums)
			if err != nil {
				t.Fatal(err)
			}
			if ref, err := reference.Aggregate(t.Context(), sums); err != nil || !cmp.Equal(total.Rows, ref.Rows) {
				t.Fatalf("top of %+v: %s (%v)", sums, cmp.Diff(ref.Rows, total.Rows), err)
			}
		}
		q = questionOn(rng, sessionHosts)
		list, err := s.Sessions(t.Context(), q)
		if err != nil {
			t.Fatalf("%+v: %v", q, err)
		}
		all, err := reference.Sessions(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(sessionIDs(all), sessionIDs(list)); diff != "" {
			t.Fatalf("sessions of %+v: %s", q, diff)
		}
		some += min(len(list.Sessions), 1)
	}
	if some < questions/2 {
		t.Errorf("of %d questions %d found something: the generator has gone blunt", 2*questions, some)
	}
}

func idsOf(b *flow.Batch) []string {
	list := make([]string, len(b.Records))
	for i := range b.Records {
		list[i] = b.Records[i].ID.String()
	}
	return list
}

func sessionIDs(b *flow.SessionBatch) []string {
	list := make([]string, len(b.Sessions))
	for i := range b.Sessions {
		s := &b.Sessions[i]
		list[i] = fmt.Sprintf("%016x-%d", s.ID.Hi, s.Told)
	}
	return list
}

// indexes returns the paths of all files of host indexes.
func indexes(t *testing.T, dir string) []string {
	t.Helper()
	list, err := filepath.Glob(filepath.Join(dir, "index", "*", "*", "*", "*.hosts*"))
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// TestAnswersWithAndWithoutHostIndex: answers are those of the reference with indexes, with broken ones, and with none, which are made
// anew in the background.
func TestAnswersWithAndWithoutHostIndex(t *testing.T) {
	rng := rand.New(rand.NewPCG(61, 62))
	d, dir := newSpread(rng), t.TempDir()
	d.store(t, dir)
	deps := store.Deps{Symbols: d.records.Symbols}
	asked := func(name string, readOnly bool, questions int) (st store.Stats) {
		t.Run(name, func(t *testing.T) {
			s := open(t, store.Config{Dir: dir, ReadOnly: readOnly}, deps)
			d.holdTo(t, s, rng, questions)
			if !readOnly {
				until(t, "all files have an index again", func() bool { return s.Stats().HostsMade == 6 })
				d.holdTo(t, s, rng, questions/2)
			}
			st = s.Stats()
		})
		return st
	}
	whileSealing := contentsOf(t, indexes(t, dir))
	if st := asked("with", true, 60); st.HostsBroken > 0 {
		t.Errorf("%d indexes are broken", st.HostsBroken)
	}
	for i, path := range indexes(t, dir) {
		damage(t, path, i)
	}
	if st := asked("broken", true, 20); st.HostsBroken != 6 {
		t.Errorf("%d indexes were told broken", st.HostsBroken)
	}
	asked("mended", false, 20)
	if err := os.RemoveAll(filepath.Join(dir, "index")); err != nil {
		t.Fatal(err)
	}
	asked("without", true, 20)
	asked("made later", false, 20)
	if n := len(indexes(t, dir)); n != 6 {
		t.Errorf("%d indexes are there", n)
	}
	if diff := cmp.Diff(whileSealing, contentsOf(t, indexes(t, dir))); diff != "" {
		t.Errorf("an index of the hot file is another than one of the sealed file: %s", diff)
	}
}

func contentsOf(t *testing.T, paths []string) map[string][]byte {
	t.Helper()
	all := map[string][]byte{}
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		all[path] = data
	}
	return all
}

// damage breaks an index, each in another way.
func damage(t *testing.T, path string, way int) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	switch way % 3 {
	case 0:
		data = data[:len(data)/2]
	case 1:
		for i := len(data) / 2; i < len(data); i++ {
			data[i] ^= 0x55
		}
	case 2:
		data[9]++ // another version
	}
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestStrayHostIndexes: what a crash left, and what belongs to no file, is removed when the folder is opened.
func TestStrayHostIndexes(t *testing.T) {
	dir := t.TempDir()
	s := open(t, store.Config{Dir: dir}, store.Deps{})
	newCapture(10, flow.NetFlow9).play(t, s, 0, 10, 1, 2)
	if err := s.SealAll(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	whole := indexes(t, dir)
	if len(whole) != 1 {
		t.Fatalf("indexes: %v", whole)
	}
	for _, path := range []string{whole[0] + store.TempSuffix, filepath.Join(filepath.Dir(whole[0]), "part-77.hosts")} {
		if err := os.WriteFile(path, []byte("half"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	open(t, store.Config{Dir: dir}, store.Deps{})
	if diff := cmp.Diff(whole, indexes(t, dir)); diff != "" {
		t.Error(diff)
	}
}

// TestRetentionTakesTheIndexWithTheFile: nothing is left of what expired.
func TestRetentionTakesTheIndexWithTheFile(t *testing.T) {
	dir, clock := t.TempDir(), newClock(noon)
	s := open(t, store.Config{Dir: dir, Retention: 2 * time.Hour}, store.Deps{Now: clock.now})
	newCapture(10, flow.NetFlow9).play(t, s, 0, 10, 1, 2)
	clock.add(time.Hour)
	until(t, "the hour is sealed", func() bool { return s.Stats().SealedFiles == 1 })
	if n := len(indexes(t, dir)); n != 1 {
		t.Fatalf("%d indexes", n)
	}
	clock.add(3 * time.Hour)
	until(t, "it expires", func() bool { return s.Stats().Expired == 1 && len(indexes(t, dir)) == 0 })
}
