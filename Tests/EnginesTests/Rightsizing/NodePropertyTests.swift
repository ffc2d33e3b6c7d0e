import Contract
import Engines
import OracleSupport
import Testing

@Suite("Properties of node sizes")
struct NodePropertyTests {
    struct Fleet {
        var cpu: [[Double]]
        var memory: [[Double]]
        var types: [(String, Int, Int)]

        init(_ random: inout SeededGenerator, nodes: Int) {
            let all = [("m5.xlarge", 4, 16), ("m5.2xlarge", 8, 32), ("m5.4xlarge", 16, 64), ("r6i.2xlarge", 8, 64)]
            types = (0..<nodes).map { _ in all[Int.random(in: all.indices, using: &random)] }
            var cpu: [[Double]] = []
            var memory: [[Double]] = []
            for type in types {
                let base = Double.random(in: 0.02...0.95, using: &random) * Double(type.1)
                let bytes = Double.random(in: 0.02...0.95, using: &random) * Double(type.2) * 1_073_741_824
                let burst = Double.random(in: 1...1.9, using: &random)
                cpu.append(
                    (0..<150).map { _ in
                        let isBurst = Double.random(in: 0...1, using: &random) < 0.04
                        return min(
                            Double(type.1),
                            base * Double.random(in: 0.5...1.1, using: &random) * (isBurst ? burst : 1)
                        )
                    }
                )
                memory.append((0..<150).map { _ in bytes * Double.random(in: 0.7...1.0, using: &random) })
            }
            self.cpu = cpu
            self.memory = memory
        }

        func state(_ order: [Int], scale: Double = 1) -> String {
            let nodes = order.map {
                #"{"name":"n\#($0)","instance_type":"\#(types[$0].0)","cpu_cores":\#(types[$0].1),"memory_gb":\#(types[$0].2)}"#
            }
            let metrics = order.map { index -> String in
                let cpu = Sizing.series(150, step: 3_600_000) { self.cpu[index][$0] * scale }
                let memory = Sizing.series(150, step: 3_600_000) { self.memory[index][$0] * scale }
                return "\"n\(index)\":{\"cpu\":\(cpu),\"memory\":\(memory)}"
            }
            return
                "{\"nodes\":[\(nodes.joined(separator: ","))],\"pods\":[],\"metrics\":{\(metrics.joined(separator: ","))}}"
        }
    }

    @Test("use in the window never exceeds 80 % of what pods can use of the new type", arguments: 0..<12)
    func headroom(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let fleet = Fleet(&random, nodes: 6)
        let market = try Sizing.market()
        let decision = try Sizing.decide(fleet.state(Array(0..<6)), in: market)
        for item in decision.recommendations {
            let index = try #require(item["node_name"]?.string.flatMap { Int($0.dropFirst()) })
            let spec = try #require(item["recommended_instance_type"]?.string.flatMap { market.catalogue[$0] })
            let cpu = try #require(fleet.cpu[index].max()) * 1000
            let memory = try #require(fleet.memory[index].max()) / 1_048_576
            #expect(cpu <= 0.8 * Double(spec.allocatableMillicores) + 1e-6)
            #expect(memory <= 0.8 * Double(spec.allocatableMiB) + 1e-6)
            let price = try #require(market.onDemand[spec.name])
            let present = try #require(market.onDemand[fleet.types[index].0])
            if item["action"] == "downsize" {
                #expect(price < present)
                #expect((present - price) * 730 >= 5)
                #expect(price <= 0.95 * present + 1e-12)
            } else {
                #expect(spec.vcpus > fleet.types[index].1 || spec.memoryMiB > fleet.types[index].2 * 1024)
            }
            // The documented size at least.
            #expect(Int64(spec.vcpus) >= item["recommended_cpu"]?.integer ?? .max)
            #expect(Int64(spec.memoryMiB) >= 1024 * (item["recommended_memory"]?.integer ?? 0))
            // No cheaper type of the market meets the same demand.
            let required = try #require(item["required"])
            for other in market.catalogue.values where !other.isBurstable && other.gpuCount == 0 {
                guard let cheaper = market.onDemand[other.name], cheaper < price, other.architecture == .amd64 else {
                    continue
                }
                let fits =
                    Int64(other.vcpus) >= required["vcpus"]?.integer ?? 0
                    && Int64(other.memoryMiB) >= required["memory_mib"]?.integer ?? 0
                    && Int64(other.allocatableMillicores) >= required["allocatable_cpu_millicores"]?.integer ?? 0
                    && Int64(other.allocatableMiB) >= required["allocatable_memory_mib"]?.integer ?? 0
                #expect(!fits, "\(other.name) is cheaper than \(spec.name)")
            }
        }
    }

    @Test("the order of nodes and measurements changes no byte", arguments: 0..<4)
    func permutation(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed &+ 50)
        let fleet = Fleet(&random, nodes: 6)
        let order = Array(0..<6)
        let first = Sizing.bytes(try Sizing.decide(fleet.state(order), explain: true))
        let second = Sizing.bytes(try Sizing.decide(fleet.state(order.shuffled(using: &random)), explain: true))
        #expect(first == second)
    }

    @Test("more use never asks for a smaller machine", arguments: 0..<6)
    func monotone(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed &+ 90)
        let fleet = Fleet(&random, nodes: 4)
        var last: [String: (Int64, Int64)] = [:]
        for scale in stride(from: 0.2, through: 1.0, by: 0.2) {
            let decision = try Sizing.decide(fleet.state([0, 1, 2, 3], scale: scale), #"{"min_savings_usd":0}"#)
            var sizes: [String: (Int64, Int64)] = [:]
            for index in 0..<4 { sizes["n\(index)"] = (Int64(fleet.types[index].1), Int64(fleet.types[index].2)) }
            for item in decision.recommendations {
                let name = try #require(item["node_name"]?.string)
                let cpu = try #require(item["recommended_cpu"]?.integer)
                let memory = try #require(item["recommended_memory"]?.integer)
                sizes[name] = (cpu, memory)
            }
            // What is too dear to change keeps its size: only recommended targets can be compared.
            for item in decision.recommendations {
                let name = try #require(item["node_name"]?.string)
                if let before = last[name], let size = sizes[name] { #expect(size.0 >= before.0 && size.1 >= before.1) }
                last[name] = sizes[name]
            }
        }
    }
}
