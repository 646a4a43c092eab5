package session

import "github.com/weirflow/weir/shared/flow"

// points numbers the points of observation: an exporter, with its ingress or its egress metering.
type points struct {
	numbers map[device]uint16
	list    []flow.Addr
	last    device
	lastNo  uint16
}

// device is an exporter, of those behind one address by port.
type device struct {
	address flow.Addr
	port    uint16 // 0: there is one
}

// maxPoints is how many exporters are told apart; all further ones count as one.
const maxPoints = 1 << 15

func newPoints() points { return points{numbers: map[device]uint16{}, list: make([]flow.Addr, 1)} }

// of returns the number of a point, never 0: twice that of the exporter, and 1 for egress.
func (x *points) of(exporter device, egress bool) uint16 {
	if x.lastNo == 0 || exporter != x.last {
		x.last, x.lastNo = exporter, x.number(exporter)
	}
	if egress {
		return 2*x.lastNo + 1
	}
	return 2 * x.lastNo
}

func (x *points) number(exporter device) uint16 {
	n, ok := x.numbers[exporter]
	switch {
	case ok:
		return n
	case len(x.list) == maxPoints:
		return maxPoints - 1
	}
	n = uint16(len(x.list))
	x.list = append(x.list, exporter.address)
	x.numbers[exporter] = n
	return n
}
