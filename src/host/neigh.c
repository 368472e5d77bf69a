/* SPDX-License-Identifier: Apache-2.0 */
#include "host/neigh.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/icmp6.h>
#include <netinet/if_ether.h>
#include <string.h>
#include <sys/ioctl.h>

#include "host/netns.h"

struct announcement {
    const char *name;
    const struct ip *ip;
};

static int device_mac(int fd, const char *name, uint8_t mac[static MAC_LEN], int *ret_index)
{
    struct ifreq rq = { 0 };

    strncpy(rq.ifr_name, name, IFNAMSIZ - 1);
    if (ioctl(fd, SIOCGIFINDEX, &rq) < 0)
        return -errno;
    *ret_index = rq.ifr_ifindex;
    if (ioctl(fd, SIOCGIFHWADDR, &rq) < 0)
        return -errno;
    memcpy(mac, rq.ifr_hwaddr.sa_data, MAC_LEN);
    return 0;
}

static int announce_v4(const struct announcement *an, struct err *err)
{
    auto_close int fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, htons(ETH_P_ARP));
    struct sockaddr_ll to = { .sll_family = AF_PACKET,
                              .sll_protocol = htons(ETH_P_ARP),
                              .sll_halen = MAC_LEN };
    struct ether_arp arp = {
        .ea_hdr = { .ar_hrd = htons(ARPHRD_ETHER), .ar_pro = htons(ETH_P_IP), .ar_hln = MAC_LEN, .ar_pln = 4 }
    };
    static const uint16_t kinds[] = { ARPOP_REQUEST, ARPOP_REPLY };
    uint8_t mac[MAC_LEN];
    int r = fd < 0 ? -errno : device_mac(fd, an->name, mac, &to.sll_ifindex);

    memset(to.sll_addr, 0xff, MAC_LEN);
    memcpy(arp.arp_sha, mac, MAC_LEN);
    memcpy(arp.arp_spa, an->ip->bytes, 4);
    memcpy(arp.arp_tpa, an->ip->bytes, 4);
    for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(kinds); i++) {
        arp.ea_hdr.ar_op = htons(kinds[i]);
        memset(arp.arp_tha, kinds[i] == ARPOP_REPLY ? 0xff : 0, MAC_LEN);
        if (sendto(fd, &arp, sizeof(arp), 0, (struct sockaddr *) &to, sizeof(to)) < 0)
            r = -errno;
    }
    return r < 0 ? err_set(err, r, "Cannot announce an address on '%s': %s", an->name, strerror(-r)) : 0;
}

static int icmp6_socket(const char *name, int *ret_index)
{
    int fd = socket(AF_INET6, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_ICMPV6), hops = 255, no = 0;

    *ret_index = (int) if_nametoindex(name);
    if (fd < 0 || *ret_index == 0 ||
        setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, name, strlen(name) + 1) < 0 ||
        setsockopt(fd, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, &hops, sizeof(hops)) < 0 ||
        setsockopt(fd, IPPROTO_IPV6, IPV6_MULTICAST_LOOP, &no, sizeof(no)) < 0 ||
        setsockopt(fd, IPPROTO_IPV6, IPV6_MULTICAST_IF, ret_index, sizeof(*ret_index)) < 0) {
        int r = -errno;

        if (fd >= 0)
            close(fd);
        return r;
    }
    return fd;
}

static const struct in6_addr all_nodes = { { { 0xff, 0x02, [15] = 1 } } };

static int send_all_nodes(int fd, int index, const void *data, size_t n)
{
    struct sockaddr_in6 to = { .sin6_family = AF_INET6,
                               .sin6_addr = all_nodes,
                               .sin6_scope_id = (uint32_t) index };

    return sendto(fd, data, n, 0, (struct sockaddr *) &to, sizeof(to)) < 0 ? -errno : 0;
}

static int announce_v6(const struct announcement *an, struct err *err)
{
    struct {
        struct nd_neighbor_advert na;
        struct nd_opt_hdr opt;
        uint8_t mac[MAC_LEN];
    } msg = { .opt = { ND_OPT_TARGET_LINKADDR, 1 } };
    int index, unused, r;
    auto_close int fd = icmp6_socket(an->name, &index);

    r = fd < 0 ? fd : device_mac(fd, an->name, msg.mac, &unused);
    msg.na.nd_na_type = ND_NEIGHBOR_ADVERT;
    msg.na.nd_na_flags_reserved = ND_NA_FLAG_OVERRIDE | ND_NA_FLAG_ROUTER;
    memcpy(&msg.na.nd_na_target, an->ip->bytes, 16);
    if (r >= 0)
        r = send_all_nodes(fd, index, &msg, sizeof(msg));
    return r < 0 ? err_set(err, r, "Cannot announce an address on '%s': %s", an->name, strerror(-r)) : 0;
}

static int announce_here(void *ctx, struct err *err)
{
    const struct announcement *an = ctx;

    return an->ip->family == AF_INET6 ? announce_v6(an, err) : announce_v4(an, err);
}

int neigh_announce(const char *netns, const char *name, const struct ip *ip, struct err *err)
{
    struct announcement an = { name, ip };

    return netns_run(netns, announce_here, &an, err);
}

/* --- Router advertisements (RFC 4861). ------------------------------------- */

struct ra_opening {
    const char *name;
    int fd;
};

static int ra_open_here(void *ctx, struct err *err)
{
    struct ra_opening *o = ctx;
    struct ipv6_mreq all_routers = { .ipv6mr_multiaddr = { { { 0xff, 0x02, [15] = 2 } } } };
    struct icmp6_filter filter;
    int index;

    o->fd = icmp6_socket(o->name, &index);
    if (o->fd < 0)
        return err_set(err, o->fd, "Cannot advertise routers on '%s': %s", o->name, strerror(-o->fd));
    ICMP6_FILTER_SETBLOCKALL(&filter);
    ICMP6_FILTER_SETPASS(ND_ROUTER_SOLICIT, &filter);
    setsockopt(o->fd, IPPROTO_ICMPV6, ICMP6_FILTER, &filter, sizeof(filter));
    all_routers.ipv6mr_interface = (unsigned) index;
    setsockopt(o->fd, IPPROTO_IPV6, IPV6_ADD_MEMBERSHIP, &all_routers, sizeof(all_routers));
    return 0;
}

int ra_open(const char *netns, const char *name, struct err *err)
{
    struct ra_opening o = { name, -1 };
    int r = netns_run(netns, ra_open_here, &o, err);

    return r < 0 ? r : o.fd;
}

static size_t put_prefix(uint8_t *at, const struct ra_prefix *p)
{
    struct nd_opt_prefix_info info = { .nd_opt_pi_type = ND_OPT_PREFIX_INFORMATION,
                                       .nd_opt_pi_len = 4,
                                       .nd_opt_pi_prefix_len = p->net.prefixlen,
                                       .nd_opt_pi_flags_reserved = ND_OPT_PI_FLAG_ONLINK,
                                       .nd_opt_pi_valid_time = htonl(86400),
                                       .nd_opt_pi_preferred_time = htonl(14400) };

    if (p->autonomous)
        info.nd_opt_pi_flags_reserved |= ND_OPT_PI_FLAG_AUTO;
    memcpy(&info.nd_opt_pi_prefix, p->net.bytes, 16);
    memcpy(at, &info, sizeof(info));
    return sizeof(info);
}

int ra_send(int fd, const struct ra_spec *spec, const uint8_t mac[static MAC_LEN], struct err *err)
{
    struct nd_router_advert head = { .nd_ra_hdr.icmp6_type = ND_ROUTER_ADVERT,
                                     .nd_ra_curhoplimit = 64,
                                     .nd_ra_flags_reserved =
                                         (uint8_t) ((spec->managed ? ND_RA_FLAG_MANAGED : 0) |
                                                    (spec->other ? ND_RA_FLAG_OTHER : 0)) };
    struct nd_opt_mtu mtu = { .nd_opt_mtu_type = ND_OPT_MTU,
                              .nd_opt_mtu_len = 1,
                              .nd_opt_mtu_mtu = htonl(spec->mtu) };
    uint8_t buf[1024], source[8] = { ND_OPT_SOURCE_LINKADDR, 1 };
    int index, r;
    socklen_t len = sizeof(index);
    size_t n = sizeof(head);

    /* Another member of the union that the two above are in: an initializer
     * here would wipe them out. */
    head.nd_ra_router_lifetime = htons(spec->lifetime_s);
    memcpy(buf, &head, sizeof(head));
    memcpy(source + 2, mac, MAC_LEN);
    memcpy(buf + n, source, sizeof(source));
    n += sizeof(source);
    if (spec->mtu) {
        memcpy(buf + n, &mtu, sizeof(mtu));
        n += sizeof(mtu);
    }
    for (size_t i = 0; i < spec->n && i < ARRAY_SIZE(spec->prefixes); i++)
        n += put_prefix(buf + n, &spec->prefixes[i]);
    r = getsockopt(fd, IPPROTO_IPV6, IPV6_MULTICAST_IF, &index, &len) < 0 ? -errno : 0;
    if (r >= 0)
        r = send_all_nodes(fd, index, buf, n);
    return r < 0 ? err_set(err, r, "Cannot send a router advertisement: %s", strerror(-r)) : 0;
}
