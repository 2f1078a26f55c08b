/*
 * sd-bus between two processes: its messages over a socketpair, without a bus.  End points are object
 * paths, which are looked up by name.  What is held is a message to which no reply was sent.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <systemd/sd-bus.h>

#include "bench.h"

#define FIRST_PATH "/o/0"
#define INTERFACE "lwlink.Bench"

enum { RELEASE_STEP = 64 };			/* its queue is an array that moves up */

static sd_bus *bus;

static int check(int result, const char *what)
{
	if (result < 0) {
		errno = -result;
		link_fail(what);
	}
	return result;
}

static void path_of(char path[32], uint32_t number)
{
	snprintf(path, 32, "/o/%u", number);
}

/* ---- server ---- */

static sd_bus_message *held[HELD_MAX];
static uintptr_t held_by[HELD_MAX];
static size_t held_count;

static int answer(sd_bus_message *m, uintptr_t number)
{
	uint64_t a, b;

	check(sd_bus_message_read(m, "tt", &a, &b), "sd_bus_message_read");
	return sd_bus_reply_method_return(m, "tt", a + 1, b + 1 + number);
}

static int serve_call(sd_bus_message *m, void *number, sd_bus_error *error)
{
	(void)error;
	return answer(m, (uintptr_t)number);
}

static int serve_write(sd_bus_message *m, void *number, sd_bus_error *error)
{
	const void *data;
	size_t len;

	(void)number;
	(void)error;
	check(sd_bus_message_read_array(m, 'y', &data, &len), "sd_bus_message_read_array");
	return sd_bus_reply_method_return(m, "tt", link_first(data) + 1, (uint64_t)len + 1);
}

static int serve_hold(sd_bus_message *m, void *number, sd_bus_error *error)
{
	(void)error;
	held_by[held_count] = (uintptr_t)number;
	held[held_count++] = sd_bus_message_ref(m);
	return 1;
}

static int serve_release(sd_bus_message *m, void *number, sd_bus_error *error)
{
	(void)m;
	(void)number;
	(void)error;
	for (size_t i = 0; i < held_count; i++) {
		check(answer(held[i], held_by[i]), "sd_bus_reply_method_return");
		sd_bus_message_unref(held[i]);
		if (i % RELEASE_STEP == 0)
			check(sd_bus_flush(bus), "sd_bus_flush");
	}
	held_count = 0;
	return 1;
}

static int serve_make(sd_bus_message *m, void *number, sd_bus_error *error);

static const sd_bus_vtable functions[] = {
	SD_BUS_VTABLE_START(0),
	SD_BUS_METHOD("Call", "tt", "tt", serve_call, SD_BUS_VTABLE_UNPRIVILEGED),
	SD_BUS_METHOD("Write", "ay", "tt", serve_write, SD_BUS_VTABLE_UNPRIVILEGED),
	SD_BUS_METHOD("Hold", "tt", "tt", serve_hold, SD_BUS_VTABLE_UNPRIVILEGED),
	SD_BUS_METHOD("Release", "", "", serve_release, SD_BUS_VTABLE_UNPRIVILEGED),
	SD_BUS_METHOD("Make", "uu", "", serve_make, SD_BUS_VTABLE_UNPRIVILEGED),
	SD_BUS_VTABLE_END
};

static void add(uint32_t number)
{
	char path[32];

	path_of(path, number);
	check(sd_bus_add_object_vtable(bus, NULL, path, INTERFACE, functions,
				       (void *)(uintptr_t)number),
	      "sd_bus_add_object_vtable");
}

static int serve_make(sd_bus_message *m, void *number, sd_bus_error *error)
{
	uint32_t first, count;

	(void)number;
	(void)error;
	check(sd_bus_message_read(m, "uu", &first, &count), "sd_bus_message_read");
	for (uint32_t i = first; i < first + count; i++)
		add(i);
	return sd_bus_reply_method_return(m, "");
}

/* One message.  False: the other side has gone. */
static bool process(void)
{
	int result;

	while ((result = sd_bus_process(bus, NULL)) == 0)
		check(sd_bus_wait(bus, UINT64_MAX), "sd_bus_wait");
	if (result == -ECONNRESET || result == -ENOTCONN)
		return false;
	check(result, "sd_bus_process");
	return sd_bus_is_open(bus) != 0;
}

static void open_bus(const struct link_end *end, bool server)
{
	sd_id128_t id = { { 1 } };

	check(sd_bus_new(&bus), "sd_bus_new");
	check(sd_bus_set_fd(bus, end->fd, end->fd), "sd_bus_set_fd");
	if (server)
		check(sd_bus_set_server(bus, 1, id), "sd_bus_set_server");
	check(sd_bus_set_anonymous(bus, 1), "sd_bus_set_anonymous");
	check(sd_bus_set_trusted(bus, 1), "sd_bus_set_trusted");
	check(sd_bus_start(bus), "sd_bus_start");
}

static void serve(const struct link_end *end)
{
	open_bus(end, true);
	add(0);
	link_ready();
	while (process())
		;
}

/* ---- client ---- */

static char (*paths)[32];
static uint64_t taken;

static void start(const struct link_end *end)
{
	paths = calloc(END_POINTS_MAX, sizeof(*paths));
	if (paths == NULL)
		link_fail("calloc");
	path_of(paths[0], 0);
	open_bus(end, false);
}

static sd_bus_message *request(const char *path, const char *member)
{
	sd_bus_message *m;

	check(sd_bus_message_new_method_call(bus, &m, NULL, path, INTERFACE, member),
	      "sd_bus_message_new_method_call");
	return m;
}

static int answered(sd_bus_message *m, void *ctx, sd_bus_error *error)
{
	uint64_t a, b;

	(void)ctx;
	(void)error;
	check(sd_bus_message_read(m, "tt", &a, &b), "sd_bus_message_read");
	link_answered(a, b);
	taken++;
	return 1;
}

static void send_off(sd_bus_message *m)
{
	check(sd_bus_call_async(bus, NULL, m, answered, NULL, UINT64_MAX), "sd_bus_call_async");
	sd_bus_message_unref(m);
}

static void call(uint32_t end_point, uint64_t a, uint64_t b)
{
	sd_bus_message *m = request(paths[end_point], "Call");

	check(sd_bus_message_append(m, "tt", a, b), "sd_bus_message_append");
	send_off(m);
}

static void write_data(const void *data, size_t len)
{
	sd_bus_message *m = request(FIRST_PATH, "Write");

	check(sd_bus_message_append_array(m, 'y', data, len), "sd_bus_message_append_array");
	send_off(m);
}

static void hold(uint64_t a, uint64_t b)
{
	sd_bus_message *m = request(FIRST_PATH, "Hold");

	check(sd_bus_message_append(m, "tt", a, b), "sd_bus_message_append");
	send_off(m);
}

static void release(void)
{
	sd_bus_message *m = request(FIRST_PATH, "Release");

	check(sd_bus_message_set_expect_reply(m, 0), "sd_bus_message_set_expect_reply");
	check(sd_bus_send(bus, m, NULL), "sd_bus_send");
	sd_bus_message_unref(m);
}

static void make(uint32_t first, uint32_t count)
{
	sd_bus_message *m = request(FIRST_PATH, "Make"), *reply;

	for (uint32_t i = first; i < first + count; i++)
		path_of(paths[i], i);
	check(sd_bus_message_append(m, "uu", first, count), "sd_bus_message_append");
	check(sd_bus_call(bus, m, UINT64_MAX, NULL, &reply), "sd_bus_call");
	sd_bus_message_unref(m);
	sd_bus_message_unref(reply);
}

static void turn(void)
{
	uint64_t before = taken;

	while (taken == before)
		if (!process())
			link_fail("sd_bus_process");
}

static void stop(void)
{
	sd_bus_flush_close_unref(bus);
	free(paths);
}

const struct link_peer link_peer = {
	.name = "sd-bus",
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
