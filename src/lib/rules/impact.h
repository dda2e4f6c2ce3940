/*
 * impact: what follows when the certificate of a purpose is replaced: which services start anew,
 * in which order, which phones must reset, what else has to be done.
 *
 * Sources of each row: doc/protocols/certificates.md.
 */
#ifndef RULES_IMPACT_H
#define RULES_IMPACT_H

#include "base/purpose.h"

#include <stddef.h>

/* In the order in which they are named here. */
enum impact_service {
	IMPACT_CAPF,
	IMPACT_CALLMANAGER,
	IMPACT_CTIMANAGER,
	IMPACT_TVS,
	IMPACT_TFTP,
	IMPACT_TOMCAT,
	IMPACT_SSOSP,
	IMPACT_HAPROXY,
	IMPACT_SERVICES,
};

/* Function records of trust lists, as a set. */
enum impact_record {
	IMPACT_SAST = 1,
	IMPACT_CCM_TFTP = 2, /* TFTP, or CCM+TFTP */
	IMPACT_TVS_RECORD = 4,
	IMPACT_CAPF_RECORD = 8,
};

struct impact {
	unsigned services;    /* bits 1 << enum impact_service */
	unsigned itl_records; /* enum impact_record, of the ITL */
	unsigned ctl_records; /* the same of the CTL: in mixed mode it is updated before services
				 start anew */
	bool phones_reset;    /* all of the cluster, after the services: each needs the new lists */
	const char *then;     /* what else has to be done; "" for nothing */
};

/* Of a purpose below PURPOSE_COUNT. */
const struct impact *impact_of(enum purpose p);

/* "Cisco TFTP" ... */
const char *impact_service_name(enum impact_service s);

/* "SAST", "CCM+TFTP", "TVS", "CAPF"; one bit of enum impact_record. */
const char *impact_record_name(enum impact_record r);

#endif
