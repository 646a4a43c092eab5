package document

import (
	"fmt"
	"strconv"

	"github.com/weirflow/weir/shared/flow"
	"github.com/weirflow/weir/shared/interfaces"
)

// Interface returns the part of a minute of a document. Parts of the same thing, minute, source and run add up.
func (r *Reader) Interface(text []byte) (m interfaces.Minute, part uint64, err error) {
	v, err := r.flat(text)
	if err != nil {
		return m, 0, err
	}
	kind, okKind := interfaces.ParseKind(v.text("weir.interface.kind"))
	source, okSource := interfaces.ParseSource(v.text("weir.interface.source"))
	run, errRun := strconv.ParseUint(v.text("weir.interface.run"), 16, 64)
	if !okKind || !okSource || errRun != nil {
		return m, 0, fmt.Errorf("document: %w: weir.interface.kind, source or run", errNoField)
	}
	m = interfaces.Minute{
		Exporter: v.addr("observer.ip"), Kind: kind, Index: uint32(v.uint("weir.interface.index")), At: v.time("@timestamp"), Source: source, Run: run,
		Name: v.text("weir.interface.name"), Alias: v.text("weir.interface.alias"), Speed: v.uint("weir.interface.speed"),
		Admin: status(v.text("weir.interface.admin")), Oper: status(v.text("weir.interface.oper")),
	}
	m.Seconds, _ = v.number("weir.interface.seconds")
	m.Late, _ = v.number("weir.interface.late")
	v.amounts("weir.interface.in.", &m.In)
	v.amounts("weir.interface.out.", &m.Out)
	e, g := interfaces.EthernetErrors{}, interfaces.Gauges{}
	list := e.List()
	for i, p := range list {
		if v.amount("weir.interface.ethernet."+ethernetNames[i].name, p) {
			m.Ethernet = &e
		}
	}
	for i, p := range gaugeList(&g) {
		if v.amount("weir.processor."+gaugeNames[i].name, p) {
			m.Gauges = &g
		}
	}
	return m, v.uint("weir.interface.part"), nil
}

// amounts reads those of a direction. A direction without any is one that the kind does not have: it is zero.
func (v fields) amounts(prefix string, a *interfaces.Amounts) {
	any := false
	for i, p := range amountList(a) {
		any = v.amount(prefix+amountNames[i].name, p) || any
	}
	if !any {
		*a = interfaces.Amounts{}
	}
}

// amount reads a number, Unknown where there is none.
func (v fields) amount(name string, p *float64) bool {
	n, ok := v.number(name)
	if *p = n; !ok {
		*p = interfaces.Unknown
	}
	return ok
}

func status(text string) flow.InterfaceStatus {
	switch text {
	case "up":
		return flow.StatusUp
	case "down":
		return flow.StatusDown
	}
	return flow.StatusUnknown
}
