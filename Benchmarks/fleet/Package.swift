// swift-tools-version:6.2
import PackageDescription

let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

// A package of its own, with links to the targets it measures: it builds in two minutes, and no server is needed.
let package = Package(
    name: "fleet-benchmark",
    targets: [
        .target(name: "Contract", path: "Sources/Contract", swiftSettings: strict),
        .target(name: "Calendar", path: "Sources/Calendar", swiftSettings: strict),
        .target(
            name: "Engines",
            dependencies: ["Contract", "Calendar"],
            path: "Sources/Engines",
            swiftSettings: strict
        ),
        .executableTarget(
            name: "fleet-benchmark",
            dependencies: ["Engines", "Contract"],
            path: "Sources/FleetBenchmark",
            swiftSettings: strict
        ),
    ]
)
