package health

// remedy is why a kind of fault matters and what mends it.
type remedy struct {
	why string // %s stands for the fault's value as a length of time
	// mend says what to do where no command of a vendor is known; "" where the commands say it all.
	mend string
	// commands by vendor: several are separated by " ; ".
	commands map[Vendor]string
}

// remedies is what weir doctor says to each kind of fault.
var remedies = [numKinds]remedy{
	Silent: {
		why:  "nothing is seen of its traffic, which may be somebody's purpose",
		mend: "check that the device is up, still exports to this collector, and that nothing on the way drops UDP",
		commands: map[Vendor]string{
			CiscoIOS: "show ip flow export", CiscoFlexible: "show flow exporter statistics", CiscoASA: "show flow-export counters",
			Junos: "show services accounting flow", FortiOS: "diagnose test application sflowd 3", MikroTik: "/ip traffic-flow target print",
			Huawei: "display ip netstream export", SFlowAgent: "systemctl status hsflowd", Softflowd: "softflowctl statistics",
		},
	},
	Loss: {
		why:  "sums are too small, and sessions look unanswered",
		mend: "look for drops on the way and at the exporter; if sockets of this collector drop, see below",
		commands: map[Vendor]string{
			CiscoIOS: "show ip flow export", CiscoFlexible: "show flow exporter statistics", CiscoASA: "show flow-export counters",
			Junos: "show services accounting errors", FortiOS: "diagnose test application sflowd 3", Huawei: "display ip netstream export",
			SFlowAgent: "netstat -su", Softflowd: "softflowctl statistics", MikroTik: "/interface print stats",
		},
	},
	SamplesDropped: {
		why:  "what was sampled then is in no sum, and it is the busiest moments that are missing",
		mend: "sample less: a larger N of 1:N",
		commands: map[Vendor]string{
			SFlowAgent:  "sampling.10G=10000 in /etc/hsflowd.conf, sflow sampling-rate 10000 on many switches",
			OpenVSwitch: "ovs-vsctl set sFlow UUID sampling=10000", Junos: "set protocols sflow sample-rate ingress 10000",
		},
	},
	NoTemplate: {
		why:  "records cannot be read until the template comes, and are lost if it does not",
		mend: "let the exporter send its templates every minute",
		commands: map[Vendor]string{
			CiscoIOS: "ip flow-export template timeout-rate 1", CiscoFlexible: "flow exporter NAME ; template data timeout 60",
			CiscoASA:    "flow-export template timeout-rate 1",
			Junos:       "set services flow-monitoring version9 template NAME template-refresh-rate seconds 60",
			FortiOS:     "config system netflow ; set template-tx-timeout 60 ; end",
			MikroTik:    "/ip traffic-flow target set [find] v9-template-timeout=1m v9-template-refresh=20",
			Huawei:      "ip netstream export template timeout-rate 1",
			PANOS:       "Device > Server Profiles > NetFlow: Template Refresh Rate 1 minute",
			OpenVSwitch: "ovs-vsctl set IPFIX UUID other_config:template-interval=60", Softflowd: "softflowctl send-template",
		},
	},
	TemplateClash: {
		why:  "records of one device are read by another's templates: what comes of it is garbage",
		mend: "give each device an address of its own (no NAT before the collector) or an observation domain of its own; or tell them apart by port in weir.yaml: exporters: {ADDRESS: {split: port}}",
		commands: map[Vendor]string{
			CiscoIOS: "ip flow-export source Loopback0", CiscoFlexible: "flow exporter NAME ; source Loopback0",
			Junos:   "set forwarding-options sampling instance NAME family inet output flow-server ADDRESS version9 source-id N",
			FortiOS: "config system netflow ; set source-ip ADDRESS ; end", MikroTik: "/ip traffic-flow target set [find] src-address=ADDRESS",
			Huawei: "ip netstream export source ADDRESS",
		},
	},
	ClockOffset: {
		why:  "its times do not fit those of other exporters; they are corrected while the offset can be told",
		mend: "set the device's clock by NTP",
		commands: map[Vendor]string{
			CiscoIOS: "ntp server ADDRESS", CiscoFlexible: "ntp server ADDRESS", CiscoASA: "ntp server ADDRESS", Junos: "set system ntp server ADDRESS",
			FortiOS: "config system ntp ; set ntpsync enable ; end", MikroTik: "/system ntp client set enabled=yes servers=ADDRESS",
			Huawei: "ntp-service unicast-server ADDRESS", PANOS: "set deviceconfig system ntp-servers primary-ntp-server ntp-server-address ADDRESS",
			OpenVSwitch: "timedatectl set-ntp true", Softflowd: "timedatectl set-ntp true",
		},
	},
	ClockUnstable: {
		why:  "times of its flows cannot be corrected: the time of receipt is used",
		mend: "let one NTP daemon steer the device's clock, and look for a virtual machine that is paused or migrated",
		commands: map[Vendor]string{
			CiscoIOS: "show ntp associations", CiscoFlexible: "show ntp associations", CiscoASA: "show ntp associations", Junos: "show ntp associations",
			FortiOS: "diagnose sys ntp status", MikroTik: "/system ntp client print", Huawei: "display ntp-service status",
			OpenVSwitch: "timedatectl timesync-status", Softflowd: "timedatectl timesync-status",
		},
	},
	UptimeFrozen: {
		why:  "times of flows are relative to sysUptime: they drift off, or all are the same",
		mend: "a fault of the firmware: update it, or export IPFIX or records with absolute times",
		commands: map[Vendor]string{
			CiscoFlexible: "flow record NAME ; collect timestamp absolute first ; collect timestamp absolute last",
			Junos:         "set services flow-monitoring version-ipfix template NAME ipv4-template", MikroTik: "/ip traffic-flow target set [find] version=ipfix",
			Softflowd: "softflowd -v 10 -n ADDRESS:4739",
		},
	},
	SamplingUnknown: {
		why:  "bytes and packets are too small by an unknown factor",
		mend: "let the exporter send its sampler options every minute, or say the interval in weir.yaml: exporters: {ADDRESS: {sampling: N}}",
		commands: map[Vendor]string{
			CiscoIOS: "ip flow-export template options sampler", CiscoFlexible: "flow exporter NAME ; option sampler-table timeout 60",
			Junos:  "set services flow-monitoring version9 template NAME option-refresh-rate seconds 60",
			Huawei: "ip netstream export template option sampler",
		},
	},
	SamplingChanged: {
		why:  "what is seen before and after cannot be compared packet by packet, and detectors that need packets one by one may go blind",
		mend: "if nobody meant it, look for who changed the exporter's sampling; else nothing is to be done",
		commands: map[Vendor]string{
			CiscoIOS: "show sampler", CiscoFlexible: "show sampler", Junos: "show configuration forwarding-options sampling", FortiOS: "show system interface",
			Huawei: "display ip netstream", SFlowAgent: "sflowtool",
		},
	},
	SamplingMismatch: {
		why:  "sums of flows are wrong by that factor: the interval that counts is not the one the exporter samples at, or part of the traffic is not metered",
		mend: "correct the interval in weir.yaml: exporters: {ADDRESS: {sampling: N}}, or meter all traffic of the interface",
		commands: map[Vendor]string{
			CiscoIOS: "show sampler", CiscoFlexible: "show flow interface", Junos: "show configuration forwarding-options sampling",
			SFlowAgent: "sflowtool",
		},
	},
	FlagsMissing: {
		why:  "scans, password guessing and floods cannot be told from sessions",
		mend: "export the TCP flags; caches of old switching hardware keep none, and only another exporter on the way helps",
		commands: map[Vendor]string{
			CiscoFlexible: "flow record NAME ; collect transport tcp flags", CiscoIOS: "show mls netflow ip (hardware caches have no flags)",
			Junos: "set services flow-monitoring version-ipfix template NAME ipv4-template", OpenVSwitch: "export IPFIX from the host, not from the bridge",
			Softflowd: "softflowd -T full",
		},
	},
	NoSYN: {
		why:  "connections look as if they had begun elsewhere: who is the client, and whether it was answered, is guessed",
		mend: "the exporter's cache misses the first packets of flows: export the OR of all flags, unsampled",
		commands: map[Vendor]string{
			CiscoFlexible: "flow record NAME ; collect transport tcp flags", CiscoIOS: "show mls netflow ip (hardware caches miss the first packets)",
			Softflowd: "softflowd -T full",
		},
	},
	ZeroDuration: {
		why:  "rates are overstated, and sessions have no length",
		mend: "export the times of first and last packet of each flow",
		commands: map[Vendor]string{
			CiscoFlexible: "flow record NAME ; collect timestamp sys-uptime first ; collect timestamp sys-uptime last",
			CiscoIOS:      "mls flow ip interface-full", Junos: "set services flow-monitoring version9 template NAME flow-active-timeout 60",
		},
	},
	CacheFull: {
		why:  "flows are cut before their time, or not kept at all: an attack or a cache that is too small",
		mend: "enlarge the flow cache, shorten the timeouts, or sample",
		commands: map[Vendor]string{
			CiscoIOS: "ip flow-cache entries 524288", CiscoFlexible: "flow monitor NAME ; cache entries 1000000",
			Junos:       "set chassis fpc N inline-services flow-table-size ipv4-flow-table-size 15",
			MikroTik:    "/ip traffic-flow set cache-entries=512k",
			Huawei:      "ip netstream timeout inactive 10",
			Softflowd:   "softflowd -m 1000000",
			OpenVSwitch: "ovs-vsctl set IPFIX UUID cache_max_flows=100000",
		},
	},
	Restarting: {
		why:  "flows in its cache are lost with each restart, and counters begin anew",
		mend: "look for crashes of the device or of its export process, and for two exporters that take turns behind one address",
		commands: map[Vendor]string{
			CiscoIOS: "show version", CiscoFlexible: "show platform software process list", CiscoASA: "show crashinfo", Junos: "show system core-dumps",
			FortiOS: "diagnose debug crashlog read", MikroTik: "/log print where topics~\"critical\"", Huawei: "display reboot-info",
			Softflowd: "journalctl -u softflowd", SFlowAgent: "journalctl -u hsflowd", OpenVSwitch: "journalctl -u ovs-vswitchd",
		},
	},
	Impossible: {
		why:  "records with impossible times, counters or addresses are set aside: they are in no sum",
		mend: "weir query --invalid --records shows them; often a clock, a counter's width or the firmware is wrong",
		commands: map[Vendor]string{
			CiscoIOS: "show version", CiscoFlexible: "show version", Junos: "show version", FortiOS: "get system status", MikroTik: "/system package update check-for-updates",
		},
	},
	DoubleMetering: {
		why:  "bytes and packets of those flows are counted twice",
		mend: "meter flows where they come in on every interface, and nowhere where they go out",
		commands: map[Vendor]string{
			CiscoIOS: "interface NAME ; no ip flow egress ; ip flow ingress", CiscoFlexible: "interface NAME ; no ip flow monitor NAME output",
			Junos: "delete interfaces NAME unit 0 family inet sampling output", FortiOS: "config system interface ; edit NAME ; set netflow-sampler rx ; end",
			Huawei: "interface NAME ; undo ip netstream outbound", MikroTik: "/ip traffic-flow set interfaces=NAME",
			OpenVSwitch: "meter one bridge of the path only", Softflowd: "softflowd -i ONE-INTERFACE",
		},
	},
	InterfaceSpeed: {
		why:  "the use of the link is shown as more than it can be, and thresholds on it are wrong",
		mend: "correct the speed on the device, or say it in weir.yaml (interfaces: speed)",
		commands: map[Vendor]string{
			CiscoIOS: "interface NAME ; bandwidth KBITS", CiscoFlexible: "interface NAME ; bandwidth KBITS", Junos: "set interfaces NAME unit 0 bandwidth BITS",
			Huawei: "interface NAME ; bandwidth KBITS", FortiOS: "config system interface ; edit NAME ; set estimated-upstream-bandwidth KBITS ; end",
			SFlowAgent: "ethtool NAME",
		},
	},
	OneDirection: {
		why:  "it cannot be told whether anybody answered: scans, reflection and logins are guessed",
		mend: "meter flows where they come in on every interface; where routing is asymmetric, export from the other router, too",
		commands: map[Vendor]string{
			CiscoIOS: "interface EACH ; ip flow ingress", CiscoFlexible: "interface EACH ; ip flow monitor NAME input",
			Junos: "set interfaces EACH unit 0 family inet sampling input", FortiOS: "config system interface ; edit NAME ; set netflow-sampler both ; end",
			Huawei: "interface EACH ; ip netstream inbound", MikroTik: "/ip traffic-flow set interfaces=all", Softflowd: "softflowd -T full",
			PANOS: "assign the NetFlow profile to every interface", OpenVSwitch: "ovs-vsctl set IPFIX UUID other_config:enable-output-sampling=true",
		},
	},
	ActiveTimeout: {
		why:  "floods seen up to %s late",
		mend: "set the active timeout to 60 s",
		commands: map[Vendor]string{
			CiscoIOS: "ip flow-cache timeout active 1", CiscoFlexible: "flow monitor NAME ; cache timeout active 60", CiscoASA: "flow-export active refresh-interval 1",
			Junos:    "set services flow-monitoring version-ipfix template NAME flow-active-timeout 60",
			FortiOS:  "config system netflow ; set active-flow-timeout 60 ; end",
			MikroTik: "/ip traffic-flow set active-flow-timeout=1m", Huawei: "ip netstream timeout active 1",
			PANOS:       "Device > Server Profiles > NetFlow: Active Timeout 1 minute",
			OpenVSwitch: "ovs-vsctl set IPFIX UUID cache_active_timeout=60", Softflowd: "softflowd -t maxlife=60",
		},
	},
	InactiveTimeout: {
		why:  "what ends without a word is seen %s late, and one long cache fills up in a flood",
		mend: "set the inactive timeout to 15 s",
		commands: map[Vendor]string{
			CiscoIOS: "ip flow-cache timeout inactive 15", CiscoFlexible: "flow monitor NAME ; cache timeout inactive 15",
			CiscoASA: "flow-export delay flow-create 0", Junos: "set services flow-monitoring version-ipfix template NAME flow-inactive-timeout 15",
			FortiOS:  "config system netflow ; set inactive-flow-timeout 15 ; end",
			MikroTik: "/ip traffic-flow set inactive-flow-timeout=15s", Huawei: "ip netstream timeout inactive 15",
			Softflowd: "softflowd -t general=15 -t tcp=15 -t udp=15 -t expint=5",
		},
	},
	NotAllowed: {
		why:  "nothing of it is kept",
		mend: "add its address to allow_exporters in weir.yaml, or find out who sends",
	},
	KernelDrops: {
		why:  "the socket's buffer was full: what was in them is lost, and shows as gaps of the exporters",
		mend: "allow a larger buffer and use it: sysctl -w net.core.rmem_max=33554432 (and in /etc/sysctl.d/), receive: {buffer: 32MiB} in weir.yaml; or more sockets: receive: {workers: 4}",
	},
	QueueDrops: {
		why:  "records came faster than they could be looked at or stored: they are in no answer",
		mend: "give the collector more processors or a faster disk, a longer queue (receive: {queue: 256} in weir.yaml) for short bursts, or let exporters sample",
	},
	StoreErrors: {
		why:  "the records of those transactions are lost",
		mend: "see the log for the reason: a full disk, mostly",
	},
	DiskLow: {
		why:  "when it is full nothing more is stored",
		mend: "shorten store.retention, bound store.retention_size or set store.keep_free in weir.yaml, or give the data folder a larger disk",
	},
	UnknownVersion: {
		why:  "they are neither NetFlow v1, v5, v7 or v9, nor IPFIX or sFlow v5, and were refused",
		mend: "set the exporter to one of these versions, or find out what else sends to the port",
		commands: map[Vendor]string{
			CiscoIOS: "ip flow-export version 9", CiscoFlexible: "flow exporter NAME ; export-protocol netflow-v9",
			Junos:    "set forwarding-options sampling instance NAME family inet output flow-server ADDRESS version9 template NAME",
			MikroTik: "/ip traffic-flow target set [find] version=9", Huawei: "ip netstream export version 9", Softflowd: "softflowd -v 9 -n ADDRESS:2055",
			SFlowAgent: "hsflowd sends version 5",
		},
	},
}
