/*
 * Wayland, with a protocol of its own: a request, and an event as the answer.
 *
 * A message has at most 4 KiB, and Wayland's way for more is memory that both sides have mapped: a
 * write is a copy to there, and a request that says where.
 */
#define _GNU_SOURCE
#include <stdbool.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>
#include <wayland-client.h>
#include <wayland-server.h>

#include "bench.h"
#include "link_wayland_client.h"
#include "link_wayland_server.h"

enum {
	SHARED_BYTES = WRITE_DEPTH * WRITE_BYTES,
	RELEASE_STEP = STEP_MAX			/* a server's client must not lag behind by much */
};

static uint64_t join(uint32_t high, uint32_t low)
{
	return (uint64_t)high << 32 | low;
}

#define HALVES(v) (uint32_t)((v) >> 32), (uint32_t)(v)

/* ---- server ---- */

static struct held {
	struct wl_resource *resource;
	uint64_t a, b;
} held[HELD_MAX];
static size_t held_count, released;
static uint8_t *server_memory;
static bool gone;

static void answer(struct wl_resource *resource, uint64_t a, uint64_t b)
{
	b += (uintptr_t)wl_resource_get_user_data(resource);
	bench_object_send_answer(resource, HALVES(a + 1), HALVES(b + 1));
}

static void serve_call(struct wl_client *c, struct wl_resource *resource, uint32_t a_high,
		       uint32_t a_low, uint32_t b_high, uint32_t b_low)
{
	(void)c;
	answer(resource, join(a_high, a_low), join(b_high, b_low));
}

static void serve_hold(struct wl_client *c, struct wl_resource *resource, uint32_t a_high,
		       uint32_t a_low, uint32_t b_high, uint32_t b_low)
{
	(void)c;
	held[held_count++] = (struct held){ resource, join(a_high, a_low), join(b_high, b_low) };
}

static void serve_release(struct wl_client *c, struct wl_resource *resource, uint32_t count)
{
	(void)c;
	(void)resource;
	for (; count > 0 && released < held_count; count--, released++)
		answer(held[released].resource, held[released].a, held[released].b);
}

static void serve_make(struct wl_client *c, struct wl_resource *resource, uint32_t id);

static void serve_share(struct wl_client *c, struct wl_resource *resource, int memory)
{
	(void)c;
	(void)resource;
	server_memory = mmap(NULL, SHARED_BYTES, PROT_READ, MAP_SHARED, memory, 0);
	if (server_memory == MAP_FAILED)
		link_fail("mmap");
	close(memory);
}

static void serve_written(struct wl_client *c, struct wl_resource *resource, uint32_t offset,
			  uint32_t size)
{
	(void)c;
	if (offset > SHARED_BYTES || size > SHARED_BYTES - offset)
		link_fail("write");
	answer(resource, link_first(server_memory + offset), size);
}

static const struct bench_object_interface functions = {
	.call = serve_call,
	.hold = serve_hold,
	.release = serve_release,
	.make = serve_make,
	.share = serve_share,
	.written = serve_written
};

static void serve_make(struct wl_client *c, struct wl_resource *resource, uint32_t id)
{
	static uintptr_t number;
	struct wl_resource *made = wl_resource_create(c, &bench_object_interface, 1, id);

	(void)resource;
	if (made == NULL)
		link_fail("wl_resource_create");
	wl_resource_set_implementation(made, &functions, (void *)++number, NULL);
}

static void bind_first(struct wl_client *c, void *data, uint32_t version, uint32_t id)
{
	struct wl_resource *first =
		wl_resource_create(c, &bench_object_interface, (int)version, id);

	(void)data;
	if (first == NULL)
		link_fail("wl_resource_create");
	wl_resource_set_implementation(first, &functions, NULL, NULL);
}

static void client_gone(struct wl_listener *listener, void *data)
{
	(void)listener;
	(void)data;
	gone = true;
}

static void serve(const struct link_end *end)
{
	static struct wl_listener listener = { .notify = client_gone };
	struct wl_display *display = wl_display_create();
	struct wl_client *c;

	if (display == NULL ||
	    wl_global_create(display, &bench_object_interface, 1, NULL, bind_first) == NULL ||
	    (c = wl_client_create(display, end->fd)) == NULL)
		link_fail("wl_client_create");
	wl_client_add_destroy_listener(c, &listener);
	link_ready();
	while (!gone) {
		wl_display_flush_clients(display);
		wl_event_loop_dispatch(wl_display_get_event_loop(display), -1);
	}
	wl_display_destroy(display);
}

/* ---- client ---- */

static struct wl_display *display;
static struct bench_object *objects[END_POINTS_MAX];
static uint32_t holding;
static uint8_t *memory;

static void answered(void *data, struct bench_object *object, uint32_t a_high, uint32_t a_low,
		     uint32_t b_high, uint32_t b_low)
{
	(void)data;
	(void)object;
	link_answered(join(a_high, a_low), join(b_high, b_low));
}

static const struct bench_object_listener answers = { .answer = answered };

static void found(void *data, struct wl_registry *registry, uint32_t name, const char *interface,
		  uint32_t version)
{
	(void)data;
	(void)version;
	if (strcmp(interface, bench_object_interface.name) == 0)
		objects[0] = wl_registry_bind(registry, name, &bench_object_interface, 1);
}

static void lost(void *data, struct wl_registry *registry, uint32_t name)
{
	(void)data;
	(void)registry;
	(void)name;
}

static void start(const struct link_end *end)
{
	static const struct wl_registry_listener listener = { found, lost };
	struct wl_registry *registry;
	int fd;

	display = wl_display_connect_to_fd(end->fd);
	if (display == NULL)
		link_fail("wl_display_connect_to_fd");
	registry = wl_display_get_registry(display);
	wl_registry_add_listener(registry, &listener, NULL);
	if (wl_display_roundtrip(display) < 0 || objects[0] == NULL)
		link_fail("wl_display_roundtrip");
	wl_registry_destroy(registry);
	bench_object_add_listener(objects[0], &answers, NULL);

	fd = memfd_create("writes", MFD_CLOEXEC);
	if (fd < 0 || ftruncate(fd, SHARED_BYTES) != 0)
		link_fail("memfd_create");
	memory = mmap(NULL, SHARED_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (memory == MAP_FAILED)
		link_fail("mmap");
	bench_object_share(objects[0], fd);
	wl_display_roundtrip(display);
	close(fd);
}

static void call(uint32_t end_point, uint64_t a, uint64_t b)
{
	bench_object_call(objects[end_point], HALVES(a), HALVES(b));
}

/* Answers come in order, and so do places. */
static void write_data(const void *data, size_t len)
{
	static uint32_t next;
	uint32_t offset = next++ % WRITE_DEPTH * WRITE_BYTES;

	memcpy(memory + offset, data, len);
	bench_object_written(objects[0], offset, (uint32_t)len);
}

static void hold(uint64_t a, uint64_t b)
{
	bench_object_hold(objects[0], HALVES(a), HALVES(b));
	holding++;
}

static void release(void)
{
	for (uint32_t i = 0; i < holding; i += RELEASE_STEP) {
		bench_object_release(objects[0], RELEASE_STEP);
		if (wl_display_roundtrip(display) < 0)
			link_fail("wl_display_roundtrip");
	}
}

static void make(uint32_t first, uint32_t count)
{
	for (uint32_t i = first; i < first + count; i++) {
		objects[i] = bench_object_make(objects[0]);
		bench_object_add_listener(objects[i], &answers, NULL);
	}
	if (wl_display_roundtrip(display) < 0)
		link_fail("wl_display_roundtrip");
}

static void turn(void)
{
	if (wl_display_dispatch(display) < 0)
		link_fail("wl_display_dispatch");
}

static void stop(void)
{
	wl_display_disconnect(display);
}

const struct link_peer link_peer = {
	.name = "Wayland",
	.serve = serve,
	.start = start,
	.call = call,
	.write = write_data,
	.hold = hold,
	.release = release,
	.make = make,
	.turn = turn,
	.stop = stop
};
