import Contract
import Engines

/// Fleets of the sizes that the targets name, written as EC2 and kubectl write them.
enum BenchmarkWorld {
    static let now = Timestamp(milliseconds: 1_780_524_000_000)  // 2026-06-03T22:00:00Z

    static let market: RegionMarket = {
        var market = RegionMarket(region: "us-east-1", knownRegions: ["us-east-1"])
        market.onDemand = ["m5.large": 0.096, "m5.xlarge": 0.192]
        market.services = ServicePrices(
            usd: [
                .gp2Storage: 0.1, .gp3Storage: 0.08, .snapshotStorage: 0.05, .publicIPv4: 0.005, .gp3Throughput: 0.04,
            ],
            source: DataSource(kind: "service_prices", name: "benchmark", fetchedAt: now)
        )
        return market
    }()

    private static func id(_ prefix: String, _ number: Int) -> String {
        let hex = String(number, radix: 16)
        return prefix + String(repeating: "0", count: 17 - hex.count) + hex
    }

    /// Nine in ten are nodes; of the rest most are unrelated, some are another cluster's, and one in a hundred is a ghost.
    static func ghosts(_ count: Int) -> [UInt8] {
        var instances: [String] = []
        var nodes: [String] = []
        var missing: [String] = []
        for number in 0..<count {
            let id = id("i-", number)
            let kind = number % 100
            if kind >= 10 { nodes.append("\"aws:///us-east-1a/\(id)\"") } else { missing.append("\"\(id)\"") }
            let tag =
                kind == 0 || kind >= 10
                ? #"{"Key":"kubernetes.io/cluster/shop","Value":"owned"},{"Key":"eks:nodegroup-name","Value":"workers"},"#
                : kind == 1 ? #"{"Key":"kubernetes.io/cluster/bank","Value":"owned"},"# : ""
            instances.append(
                #"{"AmiLaunchIndex":0,"Architecture":"x86_64","InstanceId":"\#(id)","InstanceType":"m5.large","#
                    + #""LaunchTime":"2026-05-01T08:00:00+00:00","State":{"Code":16,"Name":"running"},"#
                    + #""Placement":{"AvailabilityZone":"us-east-1a","GroupName":"","Tenancy":"default"},"#
                    + #""PrivateDnsName":"ip-10-0-\#(number / 256 % 256)-\#(number % 256).ec2.internal","#
                    + #""BlockDeviceMappings":[{"DeviceName":"/dev/xvda","Ebs":{"DeleteOnTermination":true,"#
                    + #""VolumeId":"\#(Self.id("vol-", number))"}}],"Tags":[\#(tag){"Key":"Name","Value":"worker-\#(number)"}]}"#
            )
        }
        return Array(
            (#"{"requirements":{"k8s_node_instance_ids":[\#(nodes.joined(separator: ","))],"previous_scan":"#
                + #"{"scanned_at":"2026-06-03T20:00:00Z","missing":[\#(missing.joined(separator: ","))]},"#
                + #""ec2_instances":{"Reservations":[{"Instances":[\#(instances.joined(separator: ","))]}]}}}"#).utf8
        )
    }

    /// A fifth is bound to persistent volumes; half of the rest has been unattached for long.
    static func volumes(_ count: Int, _ claims: Int) -> [UInt8] {
        var volumes: [String] = []
        var persistent: [String] = []
        var seen: [String] = []
        for number in 0..<count {
            let id = id("vol-", number)
            let isOld = number % 2 == 0
            if number < claims {
                persistent.append(
                    #"{"apiVersion":"v1","kind":"PersistentVolume","metadata":{"name":"pvc-\#(number)"},"spec":{"csi":"#
                        + #"{"driver":"ebs.csi.aws.com","volumeHandle":"\#(id)"},"persistentVolumeReclaimPolicy":"Delete"},"#
                        + #""status":{"phase":"Bound"}}"#
                )
            }
            if isOld { seen.append(#""\#(id)":"2026-03-01T00:00:00Z""#) }
            volumes.append(
                #"{"VolumeId":"\#(id)","State":"\#(isOld ? "available" : "in-use")","VolumeType":"\#(number % 3 == 0 ? "gp2" : "gp3")","#
                    + #""Size":\#(20 + number % 500),"CreateTime":"2025-05-14T06:57:25.704000+00:00","AvailabilityZone":"us-east-1a","#
                    + #""Attachments":[\#(isOld ? "" : #"{"InstanceId":"i-1","State":"attached"}"#)],"Iops":3000,"Tags":"#
                    + #"[{"Key":"CSIVolumeName","Value":"pvc-\#(number)"},{"Key":"kubernetes.io/cluster/shop","Value":"owned"},"#
                    + #"{"Key":"Name","Value":"shop-dynamic-pvc-\#(number)"}]}"#
            )
        }
        return Array(
            (#"{"cluster_state":{"cluster_name":"shop","persistent_volumes":[\#(persistent.joined(separator: ","))]},"#
                + #""requirements":{"snapshots":[],"first_seen":{\#(seen.joined(separator: ","))},"#
                + #""volumes":{"Volumes":[\#(volumes.joined(separator: ","))]}}}"#).utf8
        )
    }

    /// A thousand namespaces, sixteen schedules of their own, two pods and a tenth of a node for each workload.
    static func workloads(_ count: Int) -> [UInt8] {
        let zones = ["Europe/Berlin", "America/New_York", "Asia/Kolkata", "UTC"]
        var workloads: [String] = []
        var pods: [String] = []
        for number in 0..<count {
            let name = "app-\(number)"
            let space = "team-\(number % 1000)"
            let own = "Mon-Fri 0\(6 + number % 4):00-\(17 + number % 4):30 \(zones[number / 4 % 4])"
            let marks = number % 2 == 0 ? #""downscaler/uptime":"\#(own)""# : ""
            workloads.append(
                #"{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"\#(name)","namespace":"\#(space)","#
                    + #""labels":{"env":"dev","app":"\#(name)"},"annotations":{\#(marks)},"creationTimestamp":"2026-01-01T00:00:00Z"},"#
                    + #""spec":{"replicas":2,"selector":{"matchLabels":{"app":"\#(name)"}},"template":{"metadata":{"labels":"#
                    + #"{"app":"\#(name)"}},"spec":{"containers":[{"name":"c"}]}}}}"#
            )
            for pod in 0..<2 {
                pods.append(
                    #"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"\#(name)-\#(pod)","namespace":"\#(space)","labels":"#
                        + #"{"pod-template-hash":"5f9"},"ownerReferences":[{"kind":"ReplicaSet","name":"\#(name)-5f9","controller":true}]},"#
                        + #""spec":{"nodeName":"node-\#(number / 10)","containers":[{"name":"c"}]},"status":{"phase":"Running"}}"#
                )
            }
        }
        let nodes = (0..<count / 10).map { number in
            #"{"apiVersion":"v1","kind":"Node","metadata":{"name":"node-\#(number)","labels":{"node.kubernetes.io/instance-type":"#
                + #""m5.large","topology.kubernetes.io/zone":"us-east-1a","eks.amazonaws.com/capacityType":"ON_DEMAND"}},"#
                + #""spec":{"providerID":"aws:///us-east-1a/\#(id("i-", number))"},"status":{}}"#
        }
        return Array(
            (#"{"cluster_state":{"deployments":[\#(workloads.joined(separator: ","))],"pods":[\#(pods.joined(separator: ","))],"#
                + #""nodes":[\#(nodes.joined(separator: ","))]},"requirements":{"schedule":"Mon-Fri 08:00-18:00 UTC"}}"#)
                .utf8
        )
    }
}
