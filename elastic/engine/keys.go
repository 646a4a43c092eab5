package engine

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"strconv"

	"github.com/weirflow/weir/shared/flow"
)

// valueOf reads a value of a field from the key of a bucket: a number, or a text, also of the numbers that ECS keeps as texts; null is
// absent.
func valueOf(f *flow.Field, raw json.RawMessage) (flow.Value, error) {
	text := string(raw)
	if text == "" || text == "null" {
		return flow.Value{}, nil
	}
	if raw[0] == '"' {
		if err := json.Unmarshal(raw, &text); err != nil {
			return flow.Value{}, fmt.Errorf("%s: %w", f.Name, err)
		}
	}
	v, err := parse(f.Kind, text)
	if err != nil {
		return flow.Value{}, fmt.Errorf("%s: %w", f.Name, err)
	}
	return v, nil
}

func parse(kind flow.Kind, text string) (flow.Value, error) {
	switch kind {
	case flow.KindUint:
		n, err := strconv.ParseUint(text, 10, 64)
		return flow.Uint(n), err
	case flow.KindInt:
		n, err := strconv.ParseInt(text, 10, 64)
		return flow.Int(n), err
	case flow.KindFloat:
		n, err := strconv.ParseFloat(text, 64)
		return flow.Float(n), err
	case flow.KindIP:
		ip, err := netip.ParseAddr(text)
		return flow.IP(flow.AddrFromNetip(ip)), err
	case flow.KindMAC:
		m, ok := flow.ParseMAC(text)
		if !ok {
			return flow.Value{}, fmt.Errorf("%q is no MAC address", text)
		}
		return flow.MACValue(m), nil
	case flow.KindKeyword:
		return flow.Keyword(text), nil
	}
	return flow.Value{}, fmt.Errorf("%s values are not grouped by the server", kind)
}

// unquoted returns the text of a JSON string, "" of anything else.
func unquoted(raw json.RawMessage) (text string) {
	if json.Unmarshal(raw, &text) != nil {
		return ""
	}
	return text
}
