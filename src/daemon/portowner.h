/*
 * portowner: who has a port, for the error that says it is taken.
 */
#ifndef DAEMON_PORTOWNER_H
#define DAEMON_PORTOWNER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* "dnsmasq (process 812)", from /proc; false when nobody is found or we may not look. */
bool portowner_find(bool udp, uint16_t port, char *text, size_t text_max);

#endif
