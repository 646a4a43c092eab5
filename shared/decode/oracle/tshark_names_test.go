package oracle

// tsharkElements are the information elements that tshark's fields show, by their names there. A field that is neither here nor
// in tsharkMade fails the test.
var tsharkElements = map[string]uint16{
	"cflow.octets": 1, "cflow.packets": 2, "cflow.flows": 3, "cflow.protocol": 4, "cflow.tos": 5, "cflow.tcpflags": 6, "cflow.srcport": 7,
	"cflow.srcaddr": 8, "cflow.srcmask": 9, "cflow.inputint": 10, "cflow.dstport": 11, "cflow.dstaddr": 12, "cflow.dstmask": 13,
	"cflow.outputint": 14, "cflow.nexthop": 15, "cflow.srcas": 16, "cflow.dstas": 17, "cflow.bgpnexthop": 18,
	"cflow.post_octets": 23, "cflow.post_packets": 24, "cflow.srcaddrv6": 27, "cflow.dstaddrv6": 28, "cflow.length_min": 25, "cflow.srcmaskv6": 29, "cflow.dstmaskv6": 30, "cflow.ipv6flowlabel": 31, "cflow.igmp_type": 33, "cflow.if_descr": 83,
	"cflow.icmp_type_code_ipv4": 32, "cflow.sampling_interval": 34, "cflow.sampling_algorithm": 35, "cflow.engine_type": 38, "cflow.engine_id": 39,
	"cflow.srcprefix": 44, "cflow.mpls_top_label_type": 46, "cflow.toplabeltype": 46, "cflow.toplabeladdr": 47, "cflow.sampler_id": 48,
	"cflow.ttl_min": 52, "cflow.ttl_max": 53, "cflow.frag_ident": 54, "cflow.srcmac": 56, "cflow.post_dstmac": 57, "cflow.vlanid": 58,
	"cflow.post_vlanid": 59, "cflow.ip_version": 60, "cflow.direction": 61, "cflow.nexthopv6": 62, "cflow.bgpnexthopv6": 63, "cflow.ipv6_exthdr": 64,
	"cflow.dstmac": 80, "cflow.post_srcmac": 81, "cflow.if_name": 82, "cflow.permanent_octets": 85, "cflow.permanent_packets": 86,
	"cflow.mpls_top_label_prefix_length": 91, "cflow.appl_desc": 94, "cflow.appl_name": 96, "cflow.post_ip_diff_serv_code_point": 98,
	"cflow.exporter_addr": 130, "cflow.exporter_addr_v6": 131, "cflow.flow_end_reason": 136, "cflow.icmp_type_code_ipv6": 139, "cflow.wlan_ssid": 147,
	"cflow.flow_id": 148, "cflow.icmp_ipv4_type": 176, "cflow.icmp_ipv4_code": 177, "cflow.icmp_ipv6_type": 178, "cflow.icmp_ipv6_code": 179,
	"cflow.tcp_seq_num": 184, "cflow.ip_ttl": 192, "cflow.ip_dscp": 195,
	"cflow.post_natsource_ipv4_address": 225, "cflow.post_natdestination_ipv4_address": 226,
	"cflow.post_naptsource_transport_port": 227, "cflow.post_naptdestination_transport_port": 228,
	"cflow.initiator_octets": 231, "cflow.responder_octets": 232, "cflow.firewall_event": 233, "cflow.ingress_vrfid": 234, "cflow.egress_vrfid": 235,
	"cflow.dot1q_vlan_id": 243, "cflow.layer2_segment_id": 351,
	"cflow.sta_mac_address": 365, "cflow.sta_ipv4_address": 366, "cflow.wtp_mac_address": 367,
	"cflow.ingress_acl_id": 33000, "cflow.egress_acl_id": 33001, "cflow.fw_ext_event": 33002, "cflow.aaa_username": 40000,
}

// tsharkMade are fields of records that are not elements, and what becomes of them.
var tsharkMade = map[string]string{
	"cflow.timedelta":                        "the duration; start and end are below it",
	"cflow.padding":                          "padding of NetFlow v1 to v7",
	"cflow.reserved":                         "padding of NetFlow v1",
	"cflow.appl_id.classification_engine_id": "the first byte of element 95",
	"cflow.appl_id.selector_id":              "the rest of element 95",
	"cflow.v5flags":                          "NetFlow v7: flags of what is valid",
	"cflow.routersc":                         "NetFlow v7: the router that was passed by",
}
