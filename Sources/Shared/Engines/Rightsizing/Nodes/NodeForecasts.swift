import Contract

extension RightsizeRequest {
    /// Reads what models expect of nodes: a map by name or a list with `node_name`, in either half of the request.
    ///
    /// A malformed forecast is reported and left out; of several for one node the larger counts.
    mutating func readForecasts(_ request: DecisionRequest) throws(APIError) {
        for place in [request.requirementsReader, request.clusterStateReader] {
            guard case .object = place.value,
                let field = try place.first(of: ["ml_predictions", "ml_recommendations", "forecasts", "predictions"])
            else { continue }
            switch field.value {
            case .object(let object):
                for member in object.members {
                    let reader = JSONReader(member.value, path: .key(field.path, member.key))
                    add(reader, member.key)
                }
            case .array:
                for element in try field.elements() { add(element, nil) }
            default: throw field.wrongType(expected: "an object or a list")
            }
        }
    }

    private mutating func add(_ reader: JSONReader, _ name: String?) {
        do throws(APIError) {
            var node = name
            if node == nil { node = try reader.first(of: ["node_name", "node", "name"])?.string() }
            guard let node else { throw reader.invalid("names no node", hint: "Send node_name.") }
            let forecast = try Self.forecast(reader)
            guard let known = forecasts[node] else { return forecasts[node] = forecast }
            forecasts[node] = NodeForecast(
                cpu: max(known.cpu, forecast.cpu),
                memory: max(known.memory, forecast.memory),
                confidence: known.confidence.map { min($0, forecast.confidence ?? $0) } ?? forecast.confidence
            )
        } catch {
            itemProblems.append(ItemProblem(error, at: reader))
        }
    }

    private static func forecast(_ reader: JSONReader) throws(APIError) -> NodeForecast {
        func size(_ names: [String], _ predicted: [String], _ most: Double) throws(APIError) -> Int {
            if let field = try reader.first(of: names) {
                return Int(try field.number(in: 0...most).rounded(.up))
            }
            guard let field = try reader.first(of: predicted) else {
                throw reader.invalid("lacks \(names[0])", hint: "Send recommended_cpu and recommended_memory.")
            }
            // The documented buffer on a predicted 95th percentile.
            return Int((try field.number(in: 0...most) * (1 + RightsizePolicy.standard.upsizeBuffer)).rounded(.up))
        }
        return NodeForecast(
            cpu: try size(["recommended_cpu", "cpu"], ["predicted_cpu_p95", "predicted_cpu_cores"], 4096),
            memory: try size(
                ["recommended_memory", "memory"],
                ["predicted_memory_p95_gb", "predicted_memory_gb"],
                65_536
            ),
            confidence: try reader.optional("confidence")?.number(in: 0...1)
        )
    }
}
