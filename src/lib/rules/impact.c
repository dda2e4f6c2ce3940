#include "rules/impact.h"

#define BIT(service) (1u << (service))

static const char *const service_names[IMPACT_SERVICES] = {
	[IMPACT_CALLMANAGER] = "Cisco CallManager",
	[IMPACT_CTIMANAGER] = "Cisco CTIManager",
	[IMPACT_CAPF] = "Cisco CAPF",
	[IMPACT_TVS] = "Cisco TVS",
	[IMPACT_TFTP] = "Cisco TFTP",
	[IMPACT_HAPROXY] = "HAProxy",
	[IMPACT_TOMCAT] = "Cisco Tomcat",
	[IMPACT_SSOSP] = "Cisco SSOSP Tomcat",
};

static const struct impact table[PURPOSE_COUNT] = {
	[PURPOSE_CALLMANAGER] = { BIT(IMPACT_CALLMANAGER) | BIT(IMPACT_CTIMANAGER) |
				      BIT(IMPACT_TVS) | BIT(IMPACT_TFTP) | BIT(IMPACT_HAPROXY),
	    IMPACT_SAST | IMPACT_CCM_TFTP, IMPACT_SAST | IMPACT_CCM_TFTP, true,
	    "make a backup; wait until all phones are registered before the next certificate" },
	[PURPOSE_CALLMANAGER_EC] = { BIT(IMPACT_CALLMANAGER) | BIT(IMPACT_HAPROXY), IMPACT_CCM_TFTP,
	    IMPACT_CCM_TFTP, true,
	    "make a backup; wait until all phones are registered before the next certificate" },
	[PURPOSE_TVS] = { BIT(IMPACT_TVS) | BIT(IMPACT_TFTP), IMPACT_TVS_RECORD, 0, true,
	    "make a backup; wait until all phones are registered before the next certificate" },
	[PURPOSE_CAPF] = { BIT(IMPACT_CAPF) | BIT(IMPACT_TVS) | BIT(IMPACT_TFTP) |
			       BIT(IMPACT_CALLMANAGER),
	    IMPACT_CAPF_RECORD, IMPACT_CAPF_RECORD, true,
	    "make a backup; give phones new LSCs; until all have one, the earlier certificate "
	    "stays "
	    "trusted by the call manager, capf-trust, RADIUS and VPN" },
	[PURPOSE_ITLRECOVERY] = { BIT(IMPACT_TVS) | BIT(IMPACT_TFTP), IMPACT_SAST, IMPACT_SAST,
	    true,
	    "make a backup; provision the metadata of SAML anew; wait until all phones are "
	    "registered before the next certificate" },
	[PURPOSE_WEB] = { BIT(IMPACT_TOMCAT) | BIT(IMPACT_SSOSP) | BIT(IMPACT_HAPROXY), 0, 0, false,
	    "make a backup" },
	[PURPOSE_CAPF_ISSUER] = { 0, 0, 0, false,
	    "make a backup; give it to all who check LSCs: the call manager, RADIUS and VPN; keep "
	    "the earlier one there until all phones have new LSCs" },
};

const struct impact *
impact_of(enum purpose p)
{
	return &table[p];
}

const char *
impact_service_name(enum impact_service s)
{
	return service_names[s];
}

const char *
impact_record_name(enum impact_record r)
{
	switch (r) {
	case IMPACT_SAST:
		return "SAST";
	case IMPACT_CCM_TFTP:
		return "TFTP or CCM+TFTP";
	case IMPACT_TVS_RECORD:
		return "TVS";
	default:
		return "CAPF";
	}
}
