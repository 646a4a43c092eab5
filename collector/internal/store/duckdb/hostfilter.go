//go:build cgo

package duckdb

import (
	"github.com/weirflow/weir/collector/internal/store/hostindex"
	"github.com/weirflow/weir/shared/filter"
	"github.com/weirflow/weir/shared/flow"
)

// maxAddresses is how many addresses of one comparison are looked up; longer lists and wider prefixes are not.
const maxAddresses = 256

// minPrefix is the length of the widest prefix whose addresses are looked up one by one: 16 of them.
const minPrefix = 124

// neededHosts returns what a filter needs of the addresses of a row group to select any of its rows. Addresses after translation are
// in the index, too; a later telling of a session has the same ends, but it may be translated otherwise, so without nat what such
// comparisons need is left out.
func neededHosts(n filter.Node, nat bool) hostindex.Condition {
	switch n := n.(type) {
	case filter.And:
		return hostindex.AllOf(neededOfEach(n, nat)...)
	case filter.Or:
		return hostindex.AnyOf(neededOfEach(n, nat)...)
	case filter.Compare:
		return neededToCompare(n, nat)
	}
	return hostindex.Condition{}
}

func neededOfEach(nodes []filter.Node, nat bool) []hostindex.Condition {
	list := make([]hostindex.Condition, len(nodes))
	for i, n := range nodes {
		list[i] = neededHosts(n, nat)
	}
	return list
}

func neededToCompare(n filter.Compare, nat bool) hostindex.Condition {
	switch n.Field.Name {
	case "source.ip", "destination.ip", "related.ip", "client.ip", "server.ip":
	case "source.nat.ip", "destination.nat.ip":
		if !nat {
			return hostindex.Condition{}
		}
	default:
		return hostindex.Condition{}
	}
	list := addressesOf(n)
	if list == nil {
		return hostindex.Condition{}
	}
	keys := make([]hostindex.Key, len(list))
	for i, a := range list {
		keys[i] = hostindex.KeyOf(a.Words())
	}
	return hostindex.OneOf(keys...)
}

// addressesOf returns the addresses to which a comparison holds for a field of addresses; nil where they are too many to list.
func addressesOf(n filter.Compare) (list []flow.Addr) {
	if n.Op != filter.Equal {
		return nil
	}
	for _, v := range n.Values {
		if v.Bits < minPrefix {
			return nil
		}
		hi, first := v.First().Words()
		_, last := v.Last().Words()
		for lo := first; ; lo++ {
			list = append(list, flow.AddrFromWords(hi, lo))
			if lo == last {
				break
			}
		}
		if len(list) > maxAddresses {
			return nil
		}
	}
	return list
}

// lowWords returns the second halves of the addresses of which every row that a filter selects has one, where neededHosts needs any.
func lowWords(n filter.Node) (list []uint64) {
	switch n := n.(type) {
	case filter.And:
		for _, sub := range n {
			list = append(list, lowWords(sub)...)
		}
	case filter.Or:
		for _, sub := range n {
			list = append(list, lowWords(sub)...)
		}
	case filter.Compare:
		if neededToCompare(n, true).Empty() {
			return nil
		}
		for _, a := range addressesOf(n) {
			_, lo := a.Words()
			list = append(list, lo)
		}
	}
	return list
}

// neededLows is lowWords of a filter whose rows all have one of these; nil where some need none.
func neededLows(n filter.Node) []uint64 {
	if neededHosts(n, true).Empty() {
		return nil
	}
	return lowWords(n)
}
