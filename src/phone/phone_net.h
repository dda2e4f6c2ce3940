/*
 * phone_net: the sockets behind phone_io: files from the server that DHCP would name, TLS to any.
 */
#ifndef PHONE_PHONE_NET_H
#define PHONE_PHONE_NET_H

#include "phone/phone_io.h"

struct phone_net {
	const char *server;
	uint16_t tftp_port, http_port, https_port;
	bool old_tls; /* TLS 1.0 with RSA key exchange, as the 7900 series */
};

/* net is a loan that outlives the result. */
struct phone_io phone_net_io(struct phone_net *net);

#endif
