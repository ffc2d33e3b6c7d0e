# shellcheck shell=bash
# Parts of the project as packages of their own, for soaks that compute: they build in a minute, optimised, and need none of
# our programs.

# soak_package FOLDER NAME TARGETS: a package with the strict settings; the folders are linked by the callers.
soak_package() {
    cat >"$1/Package.swift" <<SWIFT
// swift-tools-version:6.2
import PackageDescription

let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6), .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"), .enableUpcomingFeature("MemberImportVisibility"),
]
let package = Package(name: "$2", targets: [$3])
SWIFT
}

# soak_links FOLDER FROM NAME…: links FOLDER/NAME to FROM/NAME.
soak_links() {
    local folder=$1 from=$2 name
    shift 2
    mkdir -p "$folder"
    for name in "$@"; do ln -sfn "$from/$name" "$folder/$name"; done
}

# The queue's model, its simulator and checker.
simulation_package() {
    soak_links "$1/Tests" "$ROOT/Tests" QueueModel QueueModelTests
    soak_package "$1" simulation '
        .target(name: "QueueModel", path: "Tests/QueueModel", swiftSettings: strict),
        .testTarget(name: "QueueModelTests", dependencies: ["QueueModel"], swiftSettings: strict)'
}

# The readers of models.
models_package() {
    soak_links "$1/Sources" "$ROOT/Sources/Shared" Models Contract Compression CBzip2 CLz4 CLzma CZlib
    soak_links "$1/Tests" "$ROOT/Tests" ModelsTests OracleSupport
    soak_package "$1" models '
        .systemLibrary(name: "CBzip2"), .systemLibrary(name: "CLz4"), .systemLibrary(name: "CLzma"),
        .systemLibrary(name: "CZlib"),
        .target(name: "Compression", dependencies: ["CBzip2", "CLz4", "CLzma", "CZlib"], swiftSettings: strict),
        .target(name: "Contract", swiftSettings: strict),
        .target(name: "Models", dependencies: ["Compression", "Contract"], swiftSettings: strict),
        .target(
            name: "OracleSupport", dependencies: ["Contract"], path: "Tests/OracleSupport", swiftSettings: strict),
        .testTarget(
            name: "ModelsTests", dependencies: ["Models", "Contract", "Compression", "OracleSupport"],
            swiftSettings: strict)'
}

# The engines.
packing_package() {
    soak_links "$1/Sources" "$ROOT/Sources/Shared" Contract Calendar Engines
    soak_links "$1/Tests" "$ROOT/Tests" EnginesTests OracleSupport Oracles
    soak_package "$1" packing '
        .target(name: "Contract", swiftSettings: strict), .target(name: "Calendar", swiftSettings: strict),
        .target(name: "Engines", dependencies: ["Contract", "Calendar"], swiftSettings: strict),
        .target(name: "OracleSupport", dependencies: ["Contract"], path: "Tests/OracleSupport", swiftSettings: strict),
        .testTarget(
            name: "EnginesTests", dependencies: ["Engines", "Contract", "Calendar", "OracleSupport"],
            swiftSettings: strict)'
}
