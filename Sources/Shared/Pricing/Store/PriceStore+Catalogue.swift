import Contract
import Postgres

extension PriceStore {
    /// Teaches the catalogue what a source knows; better sources correct weaker ones attribute by attribute.
    ///
    /// `region` is where the source was asked; nil stands for a source that speaks for all regions.
    ///
    /// - Throws: ``PricingError``, `store`; nothing is then changed.
    package func mergeCatalogue(
        _ facts: [InstanceTypeFacts],
        source: String,
        region: String? = nil,
        isSample: Bool = false
    ) async throws(PricingError) -> WriteOutcome {
        try await write("instance catalogue") { transaction in
            let changed = try await Self.storeCatalogue(facts, source: source, isSample: isSample, transaction)
            if let region {
                // Its own freshness: a feed that comes later must not hide when this region was last asked.
                try await Self.noteDelivery(
                    transaction,
                    PriceSourceStatus.instanceTypes,
                    region: region,
                    source: source,
                    rows: facts.count,
                    malformed: 0,
                    isSample: isSample
                )
            }
            let version = changed > 0 ? try await Self.bump(transaction) : try await Self.version(transaction)
            return WriteOutcome(version: version, changed: changed > 0, rows: facts.count)
        }
    }

    /// All stored types.
    package func catalogue() async throws(PricingError) -> InstanceCatalogue {
        let rows = try await read("instance catalogue", Self.catalogueSQL)
        do {
            return try Self.catalogue(from: rows)
        } catch {
            throw PricingError(.store, "not understood", in: "instance catalogue", cause: error)
        }
    }

    static let catalogueSQL = """
        SELECT name, vcpus, memory_mib, architecture, gpu_count, gpu_name, bare_metal, burstable, local_disk_gb,
               network_mbps, network_performance, enhanced_networking, current_generation, processor, max_pods,
               allocatable_cpu, allocatable_memory, allocatable_pods, provenance
        FROM instance_types ORDER BY name
        """

    static func catalogue(from rows: PostgresRows) throws -> InstanceCatalogue {
        InstanceCatalogue(try rows.compactMap { row in try facts(from: row) })
    }

    /// - Returns: How many types are new or different.
    static func storeCatalogue(
        _ facts: [InstanceTypeFacts],
        source: String,
        isSample: Bool,
        _ transaction: PostgresTransaction
    ) async throws -> Int {
        guard !facts.isEmpty else { return 0 }
        let known = try catalogue(from: try await transaction.query(catalogueSQL))
        var merged = known
        merged.merge(facts)
        let names = Set(facts.map(\.name.description)).sorted()
        let different = names.compactMap { merged.facts(for: $0) }.filter {
            $0 != known.facts(for: $0.name.description)
        }
        if !different.isEmpty {
            _ = try await transaction.query(Self.upsertSQL, Self.parameters(different))
        }
        let wasReal: Bool = try await transaction.query(
            "SELECT EXISTS (SELECT FROM data_sources WHERE name = $1 AND region = '' AND NOT is_sample) AS real",
            [.text(PriceSourceStatus.instanceTypes)]
        ).one().get("real")
        if !different.isEmpty || !(wasReal && isSample) {
            try await noteDelivery(
                transaction,
                PriceSourceStatus.instanceTypes,
                source: source,
                rows: merged.count,
                malformed: 0,
                isSample: isSample && !wasReal
            )
        }
        return different.count
    }

    /// One array per column: 1,400 types are one statement.
    private static let upsertSQL = """
        INSERT INTO instance_types AS t
            (name, family, generation, size, vcpus, memory_mib, architecture, gpu_count, gpu_name, bare_metal,
             burstable, local_disk_gb, network_mbps, network_performance, enhanced_networking, current_generation,
             processor, max_pods, allocatable_cpu, allocatable_memory, allocatable_pods, provenance, last_updated)
        SELECT u.name, u.family, u.generation, u.size, u.vcpus, u.memory_mib, u.architecture, u.gpu_count, u.gpu_name,
               u.bare_metal, u.burstable, u.local_disk_gb, u.network_mbps, u.network_performance,
               u.enhanced_networking, u.current_generation, u.processor, u.max_pods, u.allocatable_cpu,
               u.allocatable_memory, u.allocatable_pods, u.provenance::jsonb, now()
        FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22)
            AS u (name, family, generation, size, vcpus, memory_mib, architecture, gpu_count, gpu_name, bare_metal,
                  burstable, local_disk_gb, network_mbps, network_performance, enhanced_networking,
                  current_generation, processor, max_pods, allocatable_cpu, allocatable_memory, allocatable_pods,
                  provenance)
        ON CONFLICT (name) DO UPDATE SET
            vcpus = excluded.vcpus, memory_mib = excluded.memory_mib, architecture = excluded.architecture,
            gpu_count = excluded.gpu_count, gpu_name = excluded.gpu_name, bare_metal = excluded.bare_metal,
            burstable = excluded.burstable, local_disk_gb = excluded.local_disk_gb,
            network_mbps = excluded.network_mbps, network_performance = excluded.network_performance,
            enhanced_networking = excluded.enhanced_networking, current_generation = excluded.current_generation,
            processor = excluded.processor, max_pods = excluded.max_pods, allocatable_cpu = excluded.allocatable_cpu,
            allocatable_memory = excluded.allocatable_memory, allocatable_pods = excluded.allocatable_pods,
            provenance = excluded.provenance, last_updated = excluded.last_updated
        """

    private static func parameters(_ facts: [InstanceTypeFacts]) -> [PostgresValue] {
        func ints(_ value: (InstanceTypeFacts) -> Int?) -> PostgresValue {
            .ints(facts.map { value($0).map { Int64($0) } })
        }
        func texts(_ value: (InstanceTypeFacts) -> String?) -> PostgresValue { .texts(facts.map(value)) }
        func bools(_ value: (InstanceTypeFacts) -> Bool?) -> PostgresValue { .bools(facts.map(value)) }
        return [
            texts(\.name.description), texts(\.name.family), ints { $0.name.generation }, texts(\.name.size),
            ints(\.vcpus),
            ints(\.memoryMiB), texts(\.architecture?.rawValue), ints(\.gpuCount), texts(\.gpuName), bools(\.bareMetal),
            bools(\.burstable), ints(\.localDiskGB), ints(\.networkMbps), texts(\.networkPerformance),
            bools(\.enhancedNetworking), bools(\.currentGeneration), texts(\.processor), ints(\.maxPods),
            ints(\.allocatableCPU), ints(\.allocatableMemory), ints(\.allocatablePods), texts(provenanceJSON),
        ]
    }

    /// Keys and values are our own plain words: nothing needs escaping.
    private static func provenanceJSON(_ facts: InstanceTypeFacts) -> String {
        let pairs = facts.provenance.sorted { $0.key.rawValue < $1.key.rawValue }
        return "{" + pairs.map { "\"\($0.key.rawValue)\":\"\($0.value.label)\"" }.joined(separator: ",") + "}"
    }

    private static func facts(from row: PostgresRow) throws -> InstanceTypeFacts? {
        let text: String = try row.get("name")
        guard let name = InstanceTypeName(text) else { return nil }
        var sources: [InstanceAttribute: CatalogueSource] = [:]
        let provenance: String = try row.get("provenance")
        try JSONReader.read(Array(provenance.utf8), document: "provenance of \(text)") { reader throws(PricingError) in
            try reader.beginObject()
            while let key = try reader.nextKey() {
                let label = try reader.stringIfAny()
                if let attribute = InstanceAttribute(rawValue: key) {
                    sources[attribute] = label.flatMap(CatalogueSource.init(label:))
                }
            }
        }
        func from(_ attribute: InstanceAttribute) -> CatalogueSource { sources[attribute] ?? .name }
        var facts = InstanceTypeFacts(name, source: .name)
        facts.take(try row.get("vcpus"), .vcpus, \.vcpus, from: from(.vcpus))
        facts.take(try row.get("memory_mib"), .memoryMiB, \.memoryMiB, from: from(.memoryMiB))
        facts.take(
            (try row.get("architecture") as String?).flatMap(CPUArchitecture.init),
            .architecture,
            \.architecture,
            from: from(.architecture)
        )
        facts.take(try row.get("gpu_count"), .gpuCount, \.gpuCount, from: from(.gpuCount))
        facts.take(try row.get("gpu_name"), .gpuName, \.gpuName, from: from(.gpuName))
        facts.take(try row.get("bare_metal"), .bareMetal, \.bareMetal, from: from(.bareMetal))
        facts.take(try row.get("burstable"), .burstable, \.burstable, from: from(.burstable))
        facts.take(try row.get("local_disk_gb"), .localDiskGB, \.localDiskGB, from: from(.localDiskGB))
        facts.take(try row.get("network_mbps"), .networkMbps, \.networkMbps, from: from(.networkMbps))
        facts.take(
            try row.get("network_performance"),
            .networkPerformance,
            \.networkPerformance,
            from: from(.networkPerformance)
        )
        facts.take(
            try row.get("enhanced_networking"),
            .enhancedNetworking,
            \.enhancedNetworking,
            from: from(.enhancedNetworking)
        )
        facts.take(
            try row.get("current_generation"),
            .currentGeneration,
            \.currentGeneration,
            from: from(.currentGeneration)
        )
        facts.take(try row.get("processor"), .processor, \.processor, from: from(.processor))
        facts.take(try row.get("max_pods"), .maxPods, \.maxPods, from: from(.maxPods))
        facts.take(try row.get("allocatable_cpu"), .allocatableCPU, \.allocatableCPU, from: from(.allocatableCPU))
        facts.take(
            try row.get("allocatable_memory"),
            .allocatableMemory,
            \.allocatableMemory,
            from: from(.allocatableMemory)
        )
        facts.take(try row.get("allocatable_pods"), .allocatablePods, \.allocatablePods, from: from(.allocatablePods))
        return facts
    }
}

extension PriceStore {
    /// The names of all types that any source has told of, sorted.
    package func knownTypes() async throws(PricingError) -> [String] {
        let rows = try await read(
            "the names of instance types",
            """
            SELECT name FROM instance_types UNION SELECT instance_type FROM spot_advisor_data
            UNION SELECT instance_type FROM pricing_pools ORDER BY 1
            """
        )
        do {
            return try rows.map { try $0.get(0) }
        } catch {
            throw PricingError(.store, "not understood", in: "the names of instance types", cause: error)
        }
    }
}
