/* Any frame, the first byte chooses its link; what is read lies inside it. */
#include "wire/packet.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const int links[] = { PACKET_ETHERNET, PACKET_RAW_DLT, PACKET_RAW, PACKET_SLL,
		PACKET_IPV4, PACKET_IPV6, PACKET_SLL2, 0 };
	char text[PACKET_ADDRESS_TEXT];
	struct packet p;
	struct err e;

	if (size == 0)
		return 0;
	if (!packet_parse(links[data[0] % 8], span_of(data + 1, size - 1), &p, &e))
		return 0;
	assert(
	    p.payload.n == 0 || (p.payload.p > data && p.payload.p + p.payload.n <= data + size));
	if (p.kind != PACKET_OTHER)
		assert(*packet_address_text(&p.from, text) != '\0');
	return 0;
}
