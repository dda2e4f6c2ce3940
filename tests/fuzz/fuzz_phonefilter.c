#include "rules/phonefilter.h"

#include "base/mem.h"

#include <assert.h>
#include <stdlib.h>

#define NOW 1800000000

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct device d = { .name = "SEP001122334455" };
	struct phone without = phone_new(&d, PHONE_ADDED), with = without;
	char *text = mem_text(data, size);
	struct phonefilter *f;
	struct err e = { 0 };

	memcpy(with.lsc_serial, "ab", 3);
	memcpy(with.lsc_issuer, "CN=CAPF", 8);
	with.lsc_not_after = NOW;
	if (phonefilter_parse(text, NOW, &f, &e)) {
		(void)phonefilter_fits(f, &without);
		(void)phonefilter_fits(f, &with);
		(void)phonefilter_is_plain(f);
		phonefilter_free(f);
	} else {
		assert(f == NULL && (e.code == ERR_MALFORMED || e.code == ERR_LIMIT));
		assert(strncmp(e.text, "filter", 6) == 0);
	}
	free(text);
	return 0;
}
