# The commands of the project; how things are built is in meson.build.
BUILD ?= build
SECONDS ?= 60

all: $(BUILD)/build.ninja
	@ninja -C $(BUILD) sealtoned sealtone sealtone-phone

$(BUILD)/build.ninja:
	@tools/deps.sh
	@meson setup $(BUILD) --buildtype=release -Dtests=false

# A demo cluster on unprivileged ports, three phones enrolled, serving until Ctrl-C.
run: all
	@tools/demo.sh $(BUILD)

build-asan/build.ninja:
	@tools/deps.sh test
	@meson setup build-asan --buildtype=debugoptimized -Db_sanitize=address,undefined

test: build-asan/build.ninja
	@tools/deps.sh test
	@ninja -C build-asan
	@python3 tests/run.py build-asan unit arch fuzz system

test-long: build-asan/build.ninja
	@tools/deps.sh fuzz
	@ninja -C build-asan
	@python3 tests/run.py build-asan unit arch fuzz system long
	@$(MAKE) fuzz SECONDS=120

bench: all
	@tools/deps.sh bench
	@$(MAKE) -s -C tests/bench/load
	@python3 tests/bench/run.py $(BUILD)

build-fuzz/build.ninja:
	@tools/deps.sh fuzz
	@CC=clang meson setup build-fuzz --buildtype=debugoptimized -Dfuzzer=true -Db_lundef=false \
		-Db_sanitize=address,undefined

# Every fuzzer for SECONDS seconds.
fuzz: build-fuzz/build.ninja
	@tools/fuzz.sh build-fuzz $(SECONDS)

format:
	@git ls-files '*.c' '*.h' | grep -v '^tests/bench/load/' | xargs clang-format -i

tidy: build-asan/build.ninja
	@git ls-files 'src/*.c' | xargs clang-tidy -p build-asan --quiet

clean:
	rm -rf $(BUILD) build-asan build-fuzz

.PHONY: all run test test-long bench fuzz format tidy clean
