/*
 * fname: what a requested file name means (doc/protocols/files.md, section 8).
 *
 * The one place where names from the network are judged: what passes is a relative path of plain
 * components and may be opened below the provisioning folder.
 */
#ifndef RULES_FNAME_H
#define RULES_FNAME_H

#include "base/device.h"
#include "base/err.h"

#define FNAME_MAX 200

enum fname_kind {
	FNAME_CTL,    /* CTLSEP<MAC>.tlv, CTLFile.tlv */
	FNAME_ITL,    /* ITLSEP<MAC>.tlv, ITLFile.tlv */
	FNAME_CONFIG, /* <device>.cnf.xml */
	FNAME_OTHER,  /* anything else */
};

struct fname {
	enum fname_kind kind;
	bool has_device;
	struct device device;      /* whose list or configuration */
	bool is_signed;            /* the name ends in .sgn */
	bool is_encrypted;         /* .enc.sgn */
	char path[FNAME_MAX + 1];  /* as asked */
	char plain[FNAME_MAX + 1]; /* without .sgn or .enc.sgn */
};

/* Errors: ERR_REFUSED with the reason: absolute, "..", ".", empty component, hidden component
 * (leading dot), backslash, control or non-ASCII byte, over FNAME_MAX characters. */
must_use bool fname_parse(struct span name, struct fname *out, struct err *e);

#endif
