package health_test

import (
	"strings"
	"testing"
	"time"

	"github.com/weirflow/weir/shared/health"
)

// TestEveryFaultHasAdvice: why it matters, and a command or a hint, for every vendor and protocol; no text is left unfinished.
func TestEveryFaultHasAdvice(t *testing.T) {
	for _, k := range health.Kinds() {
		f := health.FaultOf(k, health.Warning, 1800, time.Unix(0, 0))
		if again, ok := health.ParseKind(f.Kind); !ok || again != k || f.Kind == "" || f.Check == "" || f.Unit == "" {
			t.Errorf("%d is %+v", k, f)
		}
		if f.Text == "" || f.Text == f.Kind {
			t.Errorf("%s: text %q", f.Kind, f.Text)
		}
		for _, protocol := range []string{"", "netflow5", "netflow9", "ipfix", "sflow5"} {
			for _, vendor := range []string{"", "IOS", "Junos", "softflowd", "no such vendor"} {
				a := health.Advise(&f, vendor, protocol)
				if a.Why == "" || a.Mend == "" || a.Commands == nil {
					t.Errorf("%s of %q over %q: %+v", f.Kind, vendor, protocol, a)
				}
				for _, text := range []string{a.Why, a.Mend} {
					if strings.ContainsAny(text, "%") || strings.HasSuffix(text, ".") {
						t.Errorf("%s: %q", f.Kind, text)
					}
				}
				for _, c := range a.Commands {
					if c.Vendor == "" || c.Command == "" {
						t.Errorf("%s: %+v", f.Kind, c)
					}
				}
			}
		}
	}
}

// TestAdvice: in the words of the commands' manuals.
func TestAdvice(t *testing.T) {
	for _, c := range []struct {
		kind             health.Kind
		value            float64
		vendor, protocol string
		text, why        string
		commands         string
	}{
		{health.ActiveTimeout, 1800, "IOS", "netflow5", "active timeout 1800 s", "floods seen up to 30 minutes late", "IOS: ip flow-cache timeout active 1"},
		{health.ActiveTimeout, 1800, "FortiOS", "netflow9", "active timeout 1800 s", "floods seen up to 30 minutes late", "FortiOS: config system netflow ; set active-flow-timeout 60 ; end"},
		{health.ActiveTimeout, 1800, "MikroTik", "ipfix", "active timeout 1800 s", "floods seen up to 30 minutes late", "MikroTik: /ip traffic-flow set active-flow-timeout=1m"},
		{health.ActiveTimeout, 300, "", "netflow5", "active timeout 300 s", "floods seen up to 5 minutes late", "IOS: ip flow-cache timeout active 1 | Junos: set services flow-monitoring version-ipfix template NAME flow-active-timeout 60 | softflowd: softflowd -t maxlife=60"},
		{health.NoTemplate, 60, "ASA", "netflow9", "data without a template for 60 s", "", "ASA: flow-export template timeout-rate 1"},
		{health.KernelDrops, 1, "", "", "1 datagram dropped by the kernel", "", ""},
		{health.SamplingUnknown, 1, "sFlow agent", "ipfix", "", "", "IOS-XE: flow exporter NAME ; option sampler-table timeout 60 | Junos: set services flow-monitoring version9 template NAME option-refresh-rate seconds 60"},
	} {
		f := health.FaultOf(c.kind, health.Notice, c.value, time.Unix(0, 0))
		a := health.Advise(&f, c.vendor, c.protocol)
		var commands []string
		for _, v := range a.Commands {
			commands = append(commands, v.Vendor+": "+v.Command)
		}
		if got := strings.Join(commands, " | "); got != c.commands || (c.why != "" && a.Why != c.why) || (c.text != "" && f.Text != c.text) {
			t.Errorf("%s of %q: %q: %q; %s", f.Kind, c.vendor, f.Text, a.Why, got)
		}
	}
}
