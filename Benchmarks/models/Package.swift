// swift-tools-version:6.2
import PackageDescription

let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

func linked(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, path: "Sources/\(name)", swiftSettings: strict)
}

// A package of its own, with links to the targets it measures: it builds in a minute.
let package = Package(
    name: "models-benchmark",
    targets: [
        linked("Contract"),
        linked("Models", ["Contract"]),
        .executableTarget(
            name: "models-benchmark",
            dependencies: ["Models"],
            path: "Sources/ModelsBenchmark",
            swiftSettings: strict
        ),
    ]
)
