package oracle

import (
	"testing"

	"github.com/weirflow/weir/shared/decode"
	"github.com/weirflow/weir/shared/flow"
)

// header is what the header of a datagram says: times in ns since the Unix epoch and ms of uptime.
type header struct {
	version  uint16
	domain   uint32
	exported int64
	uptime   uint32
}

// headerShown is tshark's dissection of a header.
func headerShown(t *testing.T, proto node) header {
	h := header{version: uint16(valueOf(child(proto, "cflow.version"))), uptime: uint32(valueOf(child(proto, "cflow.sysuptime")))}
	h.exported = timeShown(t, child(proto, "cflow.timestamp"))
	if h.version == 5 {
		h.domain = uint32(valueOf(child(proto, "cflow.engine_type"))<<8 | valueOf(child(proto, "cflow.engine_id")))
	} else {
		h.domain = uint32(valueOf(child(proto, "cflow.source_id", "cflow.od_id")))
	}
	return h
}

func headersShown(t *testing.T, packets []node) (headers []header) {
	for _, p := range packets {
		for _, proto := range p.Protos {
			if proto.Name == "cflow" {
				headers = append(headers, headerShown(t, proto))
			}
		}
	}
	return headers
}

// weirHeaders are the headers of the datagrams as Weir takes them.
func weirHeaders(list []datagram) (headers []header) {
	d := decode.New(decode.Config{}, decode.Deps{Account: flow.NewAccount(), Symbols: flow.NewSymbols()})
	b := flow.NewBatch(64, flow.NewSymbols())
	versions := map[flow.Protocol]uint16{flow.NetFlow1: 1, flow.NetFlow5: 5, flow.NetFlow7: 7, flow.NetFlow9: 9, flow.IPFIX: 10}
	for i, dg := range list {
		b.Reset()
		_ = d.Decode(dg.payload, dg.source, int64(i), b)
		for _, g := range b.Datagrams {
			if g.Received == int64(i) {
				headers = append(headers, header{versions[g.Protocol], g.Domain, g.Exported, g.Uptime})
			}
		}
	}
	return headers
}

func compareHeaders(t *testing.T, got, want []header) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%d headers, tshark shows %d", len(got), len(want))
	}
	for i := range got {
		if got[i] != want[i] {
			t.Errorf("datagram %d: %+v, tshark shows %+v", i, got[i], want[i])
		}
	}
}
