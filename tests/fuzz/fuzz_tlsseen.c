/* Any bytes in place of TLS; what is seen does not depend on how they come. */
#include "wire/tlsseen.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct tlsseen whole, parts;

	tlsseen_init(&whole);
	tlsseen_init(&parts);
	tlsseen_feed(&whole, span_of(data, size));
	for (size_t i = 0; i < size; i++)
		tlsseen_feed(&parts, span_of(data + i, 1));
	assert(whole.end == parts.end && whole.version == parts.version);
	assert(whole.alerts == parts.alerts && whole.has_certificate == parts.has_certificate);
	assert(span_eq(bytes_span(&whole.certificate), bytes_span(&parts.certificate)));
	tlsseen_free(&whole);
	tlsseen_free(&parts);
	return 0;
}
