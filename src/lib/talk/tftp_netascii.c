#include "talk/tftp_netascii.h"

size_t
tftp_netascii_encode(struct span body, struct tftp_netascii *at, size_t n, struct wr *out)
{
	size_t given = 0;

	for (; given < n && at->offset < body.n; given++) {
		uint8_t c = body.p[at->offset], give = c;

		if (at->half)
			give = c == '\n' ? '\n' : 0;
		else if (c == '\n')
			give = '\r';
		at->half = !at->half && (c == '\n' || c == '\r');
		if (!at->half)
			at->offset++;
		if (out != NULL)
			wr_u8(out, give);
	}
	return given;
}

void
tftp_netascii_decode(struct span block, bool *cr, struct wr *out)
{
	for (size_t i = 0; i < block.n; i++) {
		uint8_t c = block.p[i];

		if (*cr)
			wr_u8(out, c == '\n' ? '\n' : '\r');
		if (c != '\r' && !(*cr && (c == '\n' || c == 0)))
			wr_u8(out, c);
		*cr = c == '\r';
	}
}
