package oracle

import (
	"bytes"
	"encoding/binary"
	"net/netip"
	"testing"

	"github.com/netsampler/goflow2/v2/decoders/sflow"
)

// sflowRows decodes a whole datagram with goflow2, which gives up at the first sample it does not like: counterSamples and flow
// samples are compared only where it does not.
func sflowRows(t *testing.T, n int, payload []byte) (rows []keyed, counters int, ok bool) {
	t.Helper()
	if binary.BigEndian.Uint32(payload) != 5 {
		return nil, 0, false
	}
	var p sflow.Packet
	if err := sflow.DecodeMessageVersion(bytes.NewBuffer(payload), &p); err != nil {
		t.Logf("datagram %d: goflow2: %v", n, err)
		return nil, 0, false
	}
	for _, s := range p.Samples {
		switch s := s.(type) {
		case sflow.FlowSample:
			const value = 0x3fffffff
			rows = append(rows, keyed{n, metered(sflowRow(s.Records, s.SamplingRate, s.Input>>30, s.Input&value, s.Output>>30, s.Output&value), &s.Header)})
		case sflow.ExpandedFlowSample:
			rows = append(rows, keyed{n, metered(sflowRow(s.Records, s.SamplingRate, s.InputIfFormat, s.InputIfValue, s.OutputIfFormat, s.OutputIfValue), &s.Header)})
		case sflow.CounterSample:
			counters++
		}
	}
	return rows, counters, true
}

// metered adds where the packet was: on output, where the data source is the interface it left by.
func metered(r row, h *sflow.SampleHeader) row {
	if source := number(h.SourceIdValue); h.SourceIdType == 0 && r[kOut] == source && r[kIn] != source {
		r[elementName(0, 61)] = "01"
	}
	return r
}

// tunnelRow adds the outer header of an IPv4 tunnel, which goflow2 leaves as bytes: length, protocol, source, destination and more.
func tunnelRow(r row, format uint32, b []byte) {
	if (format == 1023 || format == 1024) && len(b) == 32 {
		r[elementName(0, 4)], r[elementName(0, 8)], r[elementName(0, 12)] = hexOf(b[7]), hexBytes(b[8:12]), hexBytes(b[12:16])
	}
}

// sflowRow is what a sample says by the specification; start and end are the receiver's, so they are left out.
func sflowRow(records []sflow.FlowRecord, rate, inFormat, in, outFormat, out uint32) row {
	r := row{kPackets: "1"}
	if rate != 0 {
		r[kSampling] = number(rate)
	}
	sflowInterface(r, kIn, inFormat, in)
	sflowInterface(r, kOut, outFormat, out)
	var masks *sflow.ExtendedRouter
	for _, rec := range records {
		switch d := rec.Data.(type) {
		case sflow.SampledHeader:
			r[kBytes] = number(d.FrameLength)
			headerRow(r, d)
		case sflow.RawRecord:
			tunnelRow(r, rec.Header.DataFormat, d.Data)
		case sflow.ExtendedRouter:
			masks = &d
			if hop := address(d.NextHop); hop != "0.0.0.0" && hop != "::" {
				r[kNextHop] = hop
			}
		}
	}
	for _, rec := range records { // what yields to others, or wins over them
		switch d := rec.Data.(type) {
		case sflow.ExtendedGateway:
			gatewayRow(r, d)
		case sflow.ExtendedSwitch:
			switchRow(r, d)
		}
	}
	if src, err := netip.ParseAddr(r[kSrc]); masks != nil && err == nil {
		ids := [2]uint16{9, 13}
		if src.Is6() {
			ids = [2]uint16{29, 30}
		}
		r[elementName(0, ids[0])], r[elementName(0, ids[1])] = hexOf(uint8(masks.SrcMaskLen)), hexOf(uint8(masks.DstMaskLen))
	}
	return r
}

func sflowInterface(r row, name string, format, value uint32) {
	switch {
	case format == 0 && (value == 0x3fffffff || value == 0xffffffff):
		r[name] = "0"
	case format == 0 && value != 0:
		r[name] = number(value)
	}
}

func gatewayRow(r row, d sflow.ExtendedGateway) {
	src, dst := d.SrcAS, d.AS
	if src == 0 {
		src = d.AS
	}
	if n := len(d.ASPath); n > 0 {
		dst = d.ASPath[n-1]
		r[elementName(0, 128)] = hexWord(d.ASPath[0])
	}
	if d.SrcPeerAS != 0 {
		r[elementName(0, 129)] = hexWord(d.SrcPeerAS)
	}
	if src != 0 {
		r[kSrcAS] = number(src)
	}
	if dst != 0 {
		r[kDstAS] = number(dst)
	}
	switch hop := address(d.NextHop); {
	case hop == "0.0.0.0" || hop == "::":
	case r[kNextHop] == "":
		r[kNextHop] = hop
	case len(d.NextHop) == 4:
		r[elementName(0, 18)] = hexBytes(d.NextHop)
	default:
		r[elementName(0, 63)] = hexBytes(d.NextHop)
	}
}

// switchRow: the VLAN that the switch assigned wins over a tag in the header.
func switchRow(r row, d sflow.ExtendedSwitch) {
	if d.SrcVlan > 0 && d.SrcVlan < 4095 {
		r[kVLAN] = number(d.SrcVlan)
	}
	if d.DstVlan > 0 && d.DstVlan < 4095 {
		r[elementName(0, 59)] = hexWord(d.DstVlan)[4:]
	}
}
