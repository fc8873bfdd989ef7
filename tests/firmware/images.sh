# Sourced after tests/cross/build.sh: bare-metal images of a program here and the C library, and how to run them.
# shellcheck shell=bash disable=SC2034,SC2154

readonly CORTEX_M4_PACKAGES=(gcc-arm-none-eabi libnewlib-arm-none-eabi qemu-system-arm)
readonly RISCV32_PACKAGES=(gcc-riscv64-unknown-elf qemu-system-misc)
readonly CORTEX_M4=(-mcpu=cortex-m4 -mthumb -mfloat-abi=hard -mfpu=fpv4-sp-d16)
readonly RISCV32=(-march=rv32imac_zicsr -mabi=ilp32)
readonly C_FLAGS=(-std=c11 -Os -Wall -Wextra -Werror -Wno-unused-function -Wno-unused-variable -ffreestanding -fno-stack-protector -ffunction-sections -fdata-sections -fno-tree-loop-distribute-patterns)
# The optimisation level that the sizes are stated for.
readonly IMAGE_LEVEL=${IMAGE_LEVEL:-s}

# image BOARD FEATURES OPT_LEVEL SOURCE [FLAG...]: links an image and says where it lies in `elf`, its map in `map`, and the
# prefix of its tools in `tools`.
image() {
    local board=$1 features=$2 level=$3 source=$4 target flags=() libraries=() headers
    shift 4
    headers=$output/bare/headers-$(named "$features")
    mkdir -p "$headers"
    python3 tests/firmware/tokens.py "$features" >"$headers/tokens.h"
    elf=$output/bare/$board-$(basename "$source" .c)-$level-$(named "$features").elf
    map=${elf%.elf}.map
    case $board in
    cortex_m4)
        target=thumbv7em-none-eabihf tools=arm-none-eabi flags=("${CORTEX_M4[@]}" -nostartfiles --specs=nano.specs)
        ;;
    riscv32)
        # This compiler comes without a C library.
        target=riscv32imac-unknown-none-elf tools=riscv64-unknown-elf flags=("${RISCV32[@]}" -nostdlib -Wl,--no-relax)
        flags+=(tests/firmware/memory.c)
        ;;
    esac
    archive "$target" "$features" "$level"
    say "$tools-gcc" "${C_FLAGS[@]}" "${flags[@]}" -Iinclude "-I$headers" "tests/firmware/board_$board.c" "$source" "$@" \
        "$library" -lgcc -Wl,--gc-sections -Wl,-z,noexecstack "-Wl,-Map,$map" -T "tests/firmware/$board.ld" -o "$elf"
}

# One virtual tick of 1,024 ns for each instruction: the image counts its own.
run_cortex_m4() {
    timeout 300 qemu-system-arm -M mps2-an386 -cpu cortex-m4 -icount shift=10,sleep=off -display none -monitor none -serial none \
        -semihosting -kernel "$1" </dev/null
}

run_riscv32() {
    timeout 300 qemu-system-riscv32 -M virt -cpu rv32 -icount shift=0,sleep=off -display none -monitor none -serial stdio \
        -bios none -kernel "$1" </dev/null
}
