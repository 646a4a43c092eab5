package detect

import (
	"cmp"
	_ "embed" // the service table
	"encoding/csv"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/weirflow/weir/shared/flow"
)

//go:embed services.csv
var serviceTable string

// blindness says what a rule does when it cannot be told whether traffic was asked for.
type blindness uint8

const (
	blindNever blindness = iota // no alert
	blindLow                    // an alert of severity low at most
	blindFull                   // an alert as usual: the service has no proper use across a border
)

var blindNames = map[string]blindness{"never": blindNever, "low": blindLow, "full": blindFull}

// service is a row of the service table.
type service struct {
	name, title string
	protocol    uint8
	ports       []uint16 // none: the protocol has none
	bpp         float64  // least mean bytes a packet
	bps         float64  // threshold, enterprise profile
	blind       blindness
}

// Columns of services.csv.
const (
	colName = iota
	colTitle
	colTransport
	colPorts
	colBAF
	colBPP
	colMbps
	colBlind
	colRule
	colLegit
	numServiceColumns
)

// parseServices reads a service table; rows that another detector judges are checked but left out.
func parseServices(text string) ([]service, error) {
	r := csv.NewReader(strings.NewReader(text))
	r.Comment = '#'
	r.FieldsPerRecord = numServiceColumns
	rows, err := r.ReadAll()
	if err != nil {
		return nil, fmt.Errorf("detect: service table: %w", err)
	}
	if len(rows) == 0 {
		return nil, errors.New("detect: service table is empty")
	}
	var list []service
	for _, row := range rows[1:] {
		s, err := parseService(row)
		if err != nil {
			return nil, fmt.Errorf("detect: service table: %s: %w", row[colName], err)
		}
		if row[colRule] == "reflection" {
			list = append(list, s)
		}
	}
	return list, nil
}

func parseService(row []string) (s service, err error) {
	s.name, s.title = row[colName], row[colTitle]
	var ok bool
	if s.protocol, ok = flow.TransportNumber(row[colTransport]); !ok {
		return s, fmt.Errorf("no transport %q", row[colTransport])
	}
	if s.blind, ok = blindNames[row[colBlind]]; !ok {
		return s, fmt.Errorf("blind is %q, not full, low or never", row[colBlind])
	}
	for port := range strings.FieldsSeq(row[colPorts]) {
		n, err := strconv.ParseUint(port, 10, 16)
		if err != nil {
			return s, fmt.Errorf("port: %w", err)
		}
		s.ports = append(s.ports, uint16(n))
	}
	if s.bpp, err = strconv.ParseFloat(row[colBPP], 64); err != nil {
		return s, fmt.Errorf("bpp: %w", err)
	}
	if row[colRule] != "reflection" {
		return s, nil
	}
	mbps, err := strconv.ParseFloat(row[colMbps], 64)
	s.bps = mbps * 1e6
	return s, err
}

// applyConfig sets the thresholds for a profile and overrides.
func applyConfig(list []service, cfg Config) error {
	known := map[string]bool{}
	for i := range list {
		s := &list[i]
		known[s.name] = true
		if cfg.Profile == ISP {
			s.bps *= ispFactor
		}
		s.bps = orDefault(cfg.ServiceBPS[s.name], s.bps)
	}
	for name, bps := range cfg.ServiceBPS {
		if !known[name] {
			return fmt.Errorf("detect: the service table has no %q", name)
		}
		if bps < 0 {
			return fmt.Errorf("detect: the threshold of %q is negative", name)
		}
	}
	return nil
}

// portKey is what a service is recognized by: protocol and source port, 0 where the protocol has none.
type portKey struct {
	protocol uint8
	port     uint16
}

// portGroup is the services that share a port.
type portGroup struct {
	key  portKey
	rows []service
}

// byPort groups the services by port in the order of the table; within a group (CLDAP and LDAP) those with the larger packets
// come first.
func byPort(list []service) (groups []portGroup) {
	at := map[portKey]int{}
	for _, s := range list {
		ports := s.ports
		if len(ports) == 0 {
			ports = []uint16{0}
		}
		for _, p := range ports {
			k := portKey{s.protocol, p}
			i, known := at[k]
			if !known {
				i = len(groups)
				at[k] = i
				groups = append(groups, portGroup{key: k})
			}
			groups[i].rows = append(groups[i].rows, s)
		}
	}
	for _, g := range groups {
		slices.SortStableFunc(g.rows, func(a, b service) int { return cmp.Compare(b.bpp, a.bpp) })
	}
	return groups
}
