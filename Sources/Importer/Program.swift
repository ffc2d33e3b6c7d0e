import CConfine
import Contract
import Models

#if canImport(Glibc)
    import Glibc
#endif

/// cloudoptim-importer: turns one upload into the form that is loaded, or says why not.
///
/// The upload on standard input, report and form on standard output, nothing else.
///
/// A process of its own because an upload is anybody's bytes: what they can break is this process, which the kernel keeps
/// from files, network and other processes before a byte is read.
///
/// usage: cloudoptim-importer MEMORY_BYTES CPU_SECONDS FORM_BYTES PART=BYTES…
///
/// The report comes first, behind its length in four bytes: `{"description": …}` before a form, or `{"refusal": …}`.
@main
enum Program {
    static func main() {
        let arguments = CommandLine.arguments.dropFirst()
        guard arguments.count >= 4, let order = ImportOrder(Array(arguments)) else { exit(64) }
        var keep = confinement()
        keep.address_space = order.memoryBytes
        keep.cpu_seconds = UInt64(order.processorSeconds)
        keep.file_bytes = UInt64(order.formBytes)
        keep.has_runtime = 1
        guard confine_process(&keep) == nil else { exit(71) }
        guard let parts = order.read() else { exit(65) }
        do {
            let (report, form) = try Import.run(parts)
            write(report, form)
        } catch {
            write(Import.refusal(error), [])
        }
    }

    private static func write(_ report: JSONValue, _ form: [UInt8]) {
        let text = report.bytes()
        let head = (0..<4).map { UInt8(truncatingIfNeeded: text.count >> (8 * $0)) }
        guard StandardStreams.write(head), StandardStreams.write(text), StandardStreams.write(form) else { exit(74) }
        exit(0)
    }
}
