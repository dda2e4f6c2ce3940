/*
 * sample: a configuration with everything in it that must survive, and a wish for all of it.
 */
#ifndef TESTS_RULES_SAMPLE_H
#define TESTS_RULES_SAMPLE_H

#include "rules/phonecfg.h"

/* Comments, instructions, CDATA, namespaces, references, order. */
extern const char sample_xml[];

/* Two managers, two CAPF servers, three TVS servers, TLS, two VPN hashes, two secure URLs. */
struct phonecfg_wish sample_wish(void);

/* What is built of xml, as a string owned by the caller. The test fails when it cannot be. */
char *sample_built(const char *xml, const struct phonecfg_wish *w);

/* The test fails when part is not, or is, in text. */
void sample_has(const char *text, const char *part);
void sample_lacks(const char *text, const char *part);

#endif
