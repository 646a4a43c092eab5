package template

import (
	"github.com/weirflow/weir/shared/decode/element"
	"github.com/weirflow/weir/shared/wire"

	"github.com/weirflow/weir/shared/flow"
)

// takeOptions takes the records of an options template and returns their number.
func (s *Session) takeOptions(t *Template, set Set) (n int) {
	rest := set.Data
	for rest.Len() >= t.least && s.cap(n+1, set.ID) == n+1 {
		var st statement
		size, ok := st.read(&t.Definition, rest)
		if !ok {
			s.Malformed(flow.MalformedField, set.ID, "a field of an options record runs beyond its set")
			break
		}
		before := s.told.restarts
		s.told.learn(&st)
		if s.told.restarts != before {
			s.restarted()
		}
		rest = rest.From(size)
		n++
	}
	return n
}

// restarted takes note that the system init time moved. Where there is no better sign of it (IPFIX), templates of the time before
// are forgotten; those that the exporter sent since it started are not.
func (s *Session) restarted() {
	s.account.Restarts.Add(1)
	if !s.batch.Datagrams[s.meta].HasUptime {
		const headerStep = 1e9 // export times are whole seconds
		s.Flush(s.told.init - s.told.init%headerStep)
	}
}

// read reads one options record at the start of w and returns its size.
func (st *statement) read(d *Definition, w wire.Window) (size int, ok bool) {
	at := 0
	for i, f := range d.Fields {
		from, n := at, int(f.Length)
		if f.Length == VariableLength {
			if from, n, ok = variable(w, at); !ok {
				return 0, false
			}
		}
		if at = from + n; at > w.Len() {
			return 0, false
		}
		if f.PEN == element.IANA && n > 0 {
			st.take(f.ID, w, at, n)
			st.takeExporter(f.ID, w.Bytes(at, n), i < d.Scope)
		}
	}
	return at, true
}

// take takes the field of n bytes that ends at offset end.
func (st *statement) take(id uint16, w wire.Window, end, n int) {
	v := wire.Uint(w.Bytes(end, n))
	switch id {
	case 34, 50, 305, 306, 309, 310:
		st.rate.set(rules[id].op, v)
	case 311: // samplingProbability, float64
		if n == 8 {
			st.rate.set(opProbability, v)
		}
	case 48, 302: // samplerId, selectorId
		st.sampler, st.named = v, true
	case 10, 14: // ifIndex of ingress and egress; also NetFlow v9's scope "interface"
		if !st.onInterface {
			st.ifIndex, st.onInterface = uint32(v), true
		}
	case 82:
		st.ifName = w.Bytes(end, n)
	case 83:
		st.ifDescription = w.Bytes(end, n)
	case 95:
		st.application, st.hasApplication = applicationKey(w.Bytes(end, n)), true
	case 96:
		st.appName = w.Bytes(end, n)
	case 160: // systemInitTimeMilliseconds
		st.init = scaled(v, 1e6)
	}
}

// takeExporter takes the exporter's address; of both families the IPv4 one counts.
func (st *statement) takeExporter(id uint16, b []byte, scope bool) {
	at := &st.own
	if scope {
		at = &st.scope
	}
	switch {
	case id == 130 && len(b) == 4 && wire.Uint(b) != 0:
		*at = flow.AddrFrom4(uint32(wire.Uint(b)))
	case id == 131 && len(b) == 16 && at.IsZero():
		*at = flow.Addr(b)
	}
}
