package element

// netflow9Vendor holds ids above the registry that exporters use in NetFlow v9, where a field has no enterprise number: Cisco ASA and WLC,
// Palo Alto, nProbe.
var netflow9Vendor = []Info{
	{20000, "wlanId", Unsigned},
	{33000, "ingressAclId", Octets},
	{33001, "egressAclId", Octets},
	{33002, "firewallExtendedEvent", Unsigned},
	{40000, "userName", String},
	{40001, "xlateSourceIPv4Address", IPv4},
	{40002, "xlateDestinationIPv4Address", IPv4},
	{40003, "xlateSourcePort", Unsigned},
	{40004, "xlateDestinationPort", Unsigned},
	{40005, "firewallEventOld", Unsigned},
	{56701, "panAppId", String},
	{56702, "panUserId", String},
	{57554, "nprobeSourceFragments", Unsigned},
	{57590, "nprobeProtocol", Unsigned},
	{57591, "nprobeProtocolName", String},
}

// cisco holds elements of PEN 9: performance monitoring and AVC.
var cisco = []Info{
	{4315, "tcpWindowSizeMin", Unsigned},
	{4316, "tcpWindowSizeMax", Unsigned},
	{4318, "tcpMaximumSegmentSize", Unsigned},
	{4324, "tcpWindowSizeSum", Unsigned},
	{8232, "classHierarchy", Octets},
	{8337, "serverBytesNetwork", Unsigned},
	{8338, "clientBytesNetwork", Unsigned},
	{9252, "servicesWaasSegment", Unsigned},
	{9253, "servicesWaasPassThroughReason", Unsigned},
	{9267, "clientRetransBytes", Unsigned},
	{9268, "clientRetransPackets", Unsigned},
	{9269, "serverRetransBytes", Unsigned},
	{9270, "serverRetransPackets", Unsigned},
	{9272, "transactionCountDelta", Unsigned},
	{9273, "sumTransactionTime", Unsigned},
	{9274, "maxTransactionTime", Unsigned},
	{9275, "minTransactionTime", Unsigned},
	{9292, "numRespsCountDelta", Unsigned},
	{9293, "numResps1CountDelta", Unsigned},
	{9294, "numResps2CountDelta", Unsigned},
	{9295, "numResps3CountDelta", Unsigned},
	{9296, "numResps4CountDelta", Unsigned},
	{9297, "numResps5CountDelta", Unsigned},
	{9298, "numResps6CountDelta", Unsigned},
	{9299, "numResps7CountDelta", Unsigned},
	{9300, "numLateRespsCountDelta", Unsigned},
	{9303, "sumRespTime", Unsigned},
	{9304, "maxRespTime", Unsigned},
	{9305, "minRespTime", Unsigned},
	{9306, "sumServerRespTime", Unsigned},
	{9307, "maxServerRespTime", Unsigned},
	{9308, "minServerRespTime", Unsigned},
	{9309, "sumTotalRespTime", Unsigned},
	{9310, "maxTotalRespTime", Unsigned},
	{9311, "minTotalRespTime", Unsigned},
	{9313, "sumNwkTime", Unsigned},
	{9314, "maxNwkTime", Unsigned},
	{9315, "minNwkTime", Unsigned},
	{9316, "sumClientNwkTime", Unsigned},
	{9317, "maxClientNwkTime", Unsigned},
	{9318, "minClientNwkTime", Unsigned},
	{9319, "sumServerNwkTime", Unsigned},
	{9320, "maxServerNwkTime", Unsigned},
	{9321, "minServerNwkTime", Unsigned},
	{9357, "appHTTPUriStatistics", String},
	{9360, "policyQosQueueID", Unsigned},
	{9361, "policyQosQueueDrop", Unsigned},
	{12232, "appCategoryName", String},
	{12233, "appSubCategoryName", String},
	{12234, "appGroupName", String},
	{12235, "appHTTPHost", String},
	{12236, "clientIPv4Address", IPv4},
	{12237, "serverIPv4Address", IPv4},
	{12238, "clientIPv6Address", IPv6},
	{12239, "serverIPv6Address", IPv6},
	{12240, "clientTransportPort", Unsigned},
	{12241, "serverTransportPort", Unsigned},
	{12242, "connectionId", Unsigned},
	{12244, "appBusiness", String},
}

// vmware holds elements of PEN 6876: tenant addresses of virtual switches.
var vmware = []Info{
	{880, "tenantProtocol", Unsigned},
	{881, "tenantSourceIPv4", IPv4},
	{882, "tenantDestIPv4", IPv4},
	{883, "tenantSourceIPv6", IPv6},
	{884, "tenantDestIPv6", IPv6},
	{886, "tenantSourcePort", Unsigned},
	{887, "tenantDestPort", Unsigned},
	{888, "egressInterfaceAttr", Unsigned},
	{889, "vxlanExportRole", Unsigned},
	{890, "ingressInterfaceAttr", Unsigned},
}

// juniper holds elements of PEN 2636.
var juniper = []Info{
	{137, "commonPropertiesId", Octets},
}

// paloAlto holds elements of PEN 25461.
var paloAlto = []Info{
	{56701, "panAppId", String},
	{56702, "panUserId", String},
}

// barracuda holds elements of PEN 10704.
var barracuda = []Info{
	{1, "timestamp", Unsigned},
	{2, "logOperation", Unsigned},
	{3, "trafficType", Unsigned},
	{4, "firewallRule", String},
	{5, "serviceName", String},
	{6, "reason", Unsigned},
	{7, "reasonText", String},
	{8, "bindIPv4Address", IPv4},
	{9, "bindTransportPort", Unsigned},
	{10, "connectionIPv4Address", IPv4},
	{11, "connectionTransportPort", Unsigned},
	{12, "auditCounter", Unsigned},
}

// viptela holds elements of PEN 41916.
var viptela = []Info{
	{4321, "vpnIdentifier", Unsigned},
}
