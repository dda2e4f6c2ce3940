/* Any packets: a length of two bytes and so many of an IP packet, again and again. */
#include "base/rd.h"
#include "rules/captured.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct captured_setup setup = { 0 };
	struct captured *c = captured_new(&setup);
	const struct captured_phone *phone;
	struct rd r = rd_open(span_of(data, size));
	struct span frame;
	struct packet p;
	struct err e;
	size_t number = 0;
	uint16_t n;

	while (rd_u16(&r, &n) && rd_span(&r, n, &frame))
		if (packet_parse(PACKET_RAW, frame, &p, &e))
			captured_packet(c, &p, ++number);
	captured_end(c);
	for (size_t i = 0; (phone = captured_phone(c, i)) != NULL; i++) {
		assert(phone->files <= CAPTURED_FILES_MAX && phone->names <= CAPTURED_NAMES_MAX);
		for (size_t s = 0; s < phone->servers; s++)
			assert((phone->server[s].server.sight == CAPTURED_SHOWN) ==
			       (phone->server[s].server.cert != NULL));
	}
	captured_free(c);
	return 0;
}
