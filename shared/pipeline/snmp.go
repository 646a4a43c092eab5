package pipeline

import (
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"github.com/zeebo/xxh3"

	"github.com/weirflow/weir/shared/config"
	"github.com/weirflow/weir/shared/interfaces"
	"github.com/weirflow/weir/shared/interfaces/snmp"
)

// staticInterfaces is what the configuration says of interfaces.
func staticInterfaces(exporters []config.Exporter) (list []interfaces.Static) {
	for _, e := range exporters {
		if len(e.Interfaces) == 0 {
			continue
		}
		s := interfaces.Static{Exporters: e.Match, Interfaces: map[uint32]interfaces.StaticInterface{}}
		for _, i := range e.Interfaces {
			s.Interfaces[i.Index] = interfaces.StaticInterface{Name: i.Name, Alias: i.Alias, Speed: i.Speed}
		}
		list = append(list, s)
	}
	return list
}

// newPoller makes the poller of the exporters that the configuration has credentials for; what it learns is measured.
func newPoller(cfg config.Config, c *Core) (*snmp.Poller, error) {
	return snmp.New(snmp.Config{Agents: agents(cfg.Exporters)}, snmp.Deps{Symbols: c.Symbols, Take: c.Detectors.Interfaces.Offer, Seen: c.seen, Log: c.log})
}

func agents(exporters []config.Exporter) (list []snmp.Agent) {
	for _, e := range exporters {
		if s := e.SNMP; s != nil {
			retries := s.Retries
			if retries == 0 {
				retries = -1 // none, not the default
			}
			list = append(list, snmp.Agent{
				Exporters: e.Match, Address: s.Address, Version: s.Version, Community: snmp.Secret(s.Community), User: s.User, Auth: s.Auth,
				AuthPassword: snmp.Secret(s.AuthPassword), Privacy: s.Privacy, PrivacyPassword: snmp.Secret(s.PrivacyPassword), Context: s.Context,
				Interval: s.Interval, Timeout: s.Timeout, Retries: retries, Repetitions: s.Repetitions,
			})
		}
	}
	return list
}

// seen returns the exporters that have sent anything that could be decoded.
func (c *Core) seen() (list []netip.Addr) {
	for _, s := range c.Account.Streams() {
		if s.Decoded.Load() > 0 {
			list = append(list, s.Exporter().Netip())
		}
	}
	slices.SortFunc(list, netip.Addr.Compare)
	return slices.Compact(list)
}

// RunOf names a replay of files by their names and sizes, so that another replay of the same ones replaces what the first measured of
// interfaces.
func RunOf(files []string) uint64 {
	names := make([]string, 0, len(files))
	for _, f := range files {
		size := int64(0)
		if info, err := os.Stat(f); err == nil {
			size = info.Size()
		}
		names = append(names, filepath.Base(f)+"\x00"+strconv.FormatInt(size, 10))
	}
	slices.Sort(names)
	h := xxh3.New()
	for _, n := range names {
		_, _ = h.WriteString(n + "\x00")
	}
	return h.Sum64()
}
