package document

import (
	"bytes"
	"encoding/json"
	"net/netip"
	"strconv"
	"time"

	"github.com/weirflow/weir/shared/flow"
)

// The functions below read values; what is absent, or no such value, is zero.

func (v fields) uint(name string) uint64 {
	n, _ := strconv.ParseUint(string(bytes.Trim(v[name], `"`)), 10, 64)
	return n
}

// number returns ok = false where there is none.
func (v fields) number(name string) (n float64, ok bool) {
	n, err := strconv.ParseFloat(string(bytes.Trim(v[name], `"`)), 64)
	return n, err == nil
}

func (v fields) bool(name string) bool { return string(bytes.Trim(v[name], `"`)) == "true" }

func (v fields) text(name string) (s string) {
	if list := v.texts(name); len(list) > 0 {
		return list[0]
	}
	return ""
}

// texts returns the values of a list, or the one value.
func (v fields) texts(name string) (list []string) {
	value := v[name]
	if len(value) > 0 && value[0] != '[' {
		var one string
		if json.Unmarshal(value, &one) == nil {
			return []string{one}
		}
		return nil
	}
	_ = json.Unmarshal(value, &list) // no list of texts: none
	return list
}

func (v fields) time(name string) int64 {
	t, err := time.Parse(time.RFC3339Nano, v.text(name))
	if err != nil {
		return 0
	}
	return t.UnixNano()
}

func (v fields) addr(name string) flow.Addr {
	ip, err := netip.ParseAddr(v.text(name))
	if err != nil {
		return flow.Addr{}
	}
	return flow.AddrFromNetip(ip)
}

func (v fields) flags(name string) (bits uint16) {
	for _, flag := range v.texts(name) {
		bits |= flow.TCPFlagBit(flag)
	}
	return bits
}
