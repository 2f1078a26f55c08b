/*
 * A chat room, as part of a libuv program.  usage: chat-server ADDRESS LOG
 */
#include <lwlink/loop.h>

#include "room.h"

static void on_signal(uv_signal_t *signal, int number)
{
	lwl_loop_stop(signal->data);
	(void)number;
}

int main(int argc, char **argv)
{
	uv_loop_t *uv = uv_default_loop();
	struct room room = { .uv = uv };
	const struct lwl_export export = { "room", &chat_room_interface, &room_ops, &room, NULL, 0 };
	/* A stranger may have so many commands waiting, and host so many end points; more ends his link. */
	const struct lwl_link_config config = { .limits = { .calls = 64, .endpoints = 16 },
						.exports = &export, .export_count = 1 };
	struct lwl_listener *listener;
	struct lwl_loop *loop;
	uv_signal_t sigint, sigterm;
	char error[200];

	if (argc != 3 || (room.log = fopen(argv[2], "a")) == NULL) {
		fprintf(stderr, "usage: chat-server ADDRESS LOG\n");
		return 2;
	}
	room.path = argv[2];
	if (lwl_loop_new(&loop, uv) != 0)
		return 1;
	if (lwl_loop_listen(loop, &listener, argv[1], &config, NULL, NULL, error, sizeof error) != 0) {
		fprintf(stderr, "chat-server: %s\n", error);
		return 1;
	}
	printf("listening on %s\n", lwl_listener_address(listener));
	fflush(stdout);

	uv_signal_init(uv, &sigint);
	uv_signal_init(uv, &sigterm);
	sigint.data = sigterm.data = loop;
	uv_signal_start(&sigint, on_signal, SIGINT);
	uv_signal_start(&sigterm, on_signal, SIGTERM);
	lwl_loop_run(loop);

	/* All members leave.  Jobs that still run answer nobody; then the program's own loop is empty. */
	lwl_loop_free(loop);
	uv_close((uv_handle_t *)&sigint, NULL);
	uv_close((uv_handle_t *)&sigterm, NULL);
	uv_run(uv, UV_RUN_DEFAULT);
	uv_loop_close(uv);
	fclose(room.log);
	return 0;
}
