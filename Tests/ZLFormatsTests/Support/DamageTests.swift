import Foundation
import Testing
import ZLColumnar

@testable import ZLFormats

/// Cut and damaged files: rows or one error that names the file, never a crash, whatever the packing.
@Suite struct DamageTests {
    /// Rounds a case; more by the environment for a long search.
    private static let rounds = ProcessInfo.processInfo.environment["ZLSQL_FUZZ_ROUNDS"].flatMap { Int($0) } ?? 150

    private func packed(_ bytes: [UInt8], _ folder: String, _ ending: String) throws -> [UInt8] {
        let path = "\(folder)/seed\(ending)"
        let file = try OutputFile(path: path)
        try bytes.withUnsafeBytes { try file.write($0) }
        try file.commit()
        return [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    }

    private static let text: [UInt8] = Array(
        (["ts,price,name,n"] + (0..<200).map { "2024-01-02T03:04:\(10 + $0 % 50).\(100 + $0)Z,\(Double($0) / 8),\"a \"\"b\"\" \($0)\",\($0)" })
            .joined(separator: "\n").utf8)

    /// Two bars of one instrument: metadata of version 1 and two records, by the layout of Databento's documentation.
    private static let bars: [UInt8] = {
        func number<T: FixedWidthInteger>(_ value: T) -> [UInt8] { withUnsafeBytes(of: value.littleEndian) { Array($0) } }
        func text(_ text: String, _ count: Int) -> [UInt8] { Array(text.utf8) + [UInt8](repeating: 0, count: count - text.utf8.count) }
        var body = text("GLBX.MDP3", 16) + number(UInt16(7)) + number(UInt64(1_704_153_600_000_000_000)) + number(UInt64.max)
        body += number(UInt64(0)) + number(UInt64(2)) + [1, 0, 0] + [UInt8](repeating: 0, count: 47) + number(UInt32(0))
        body += number(UInt32(1)) + text("ESH4", 22) + number(UInt32(0)) + number(UInt32(0)) + number(UInt32(1))
        body += text("ESH4", 22) + number(UInt32(1)) + number(UInt32(20_240_102)) + number(UInt32(20_240_103)) + text("5482", 22)
        var bytes = Array("DBN".utf8) + [1] + number(UInt32(body.count)) + body
        for row in 0..<2 {
            bytes += [14, 34] + number(UInt16(1)) + number(UInt32(5482)) + number(UInt64(1_704_205_800_000_000_000 + UInt64(row) * 3_600_000_000_000))
            for price in 0..<4 { bytes += number(Int64(4_800_250_000_000 + price)) }
            bytes += number(UInt64(100 + row))
        }
        return bytes
    }()

    @Test func theSeedsReadWhole() throws {
        try TestFiles.withFolder { folder in
            try TestFiles.write(Data(Self.text), to: folder + "/t.csv")
            #expect(try CSVScan(paths: [folder + "/t.csv"]).texts().count == 200)
            try TestFiles.write(Data(Self.bars), to: folder + "/b.dbn")
            let rows = try DBNScan(paths: [folder + "/b.dbn"]).texts()
            #expect(rows.map { $0.last } == ["ESH4", "ESH4"])
            #expect(rows.first?.contains("4800.25") == true)
            try TestFiles.write(Data(try packed(Self.bars, folder, ".zst")), to: folder + "/name.csv")
            #expect(try DBNScan.recognizes(folder + "/name.csv"))
            #expect(try !DBNScan.recognizes(folder + "/t.csv"))
        }
    }

    @Test(arguments: ["csv", "csv.gz", "csv.zst", "dbn", "dbn.gz", "dbn.zst"])
    func damageIsAnErrorOrRows(kind: String) throws {
        try TestFiles.withFolder { folder in
            let isText = kind.hasPrefix("csv")
            let ending = kind.contains(".") ? "." + kind.split(separator: ".")[1] : ""
            let seed = try packed(isText ? Self.text : Self.bars, folder, ending)
            let path = folder + "/damaged." + kind
            var random = SplitMix(seed: UInt64(kind.utf8.count) * 7 + UInt64(seed.count))
            for round in 0..<Self.rounds {
                var bytes = seed
                let isCut = round % 3 == 0
                if isCut { bytes.removeLast(1 + Int(random.next() % UInt64(bytes.count))) }
                if !isCut || round % 6 == 0, !bytes.isEmpty {
                    for _ in 0..<(1 + random.next() % 4) {
                        bytes[Int(random.next() % UInt64(bytes.count))] ^= 1 << UInt8(random.next() % 8)
                    }
                }
                try TestFiles.write(Data(bytes), to: path)
                let message = errorMessage {
                    if isText {
                        _ = try CSVScan(paths: [path], blockSize: 1 + Int(random.next() % 5000)).texts()
                    } else {
                        _ = try DBNScan(paths: [path]).texts()
                        _ = try DBNFileSummary(path: path, cancellation: CancellationFlag())
                    }
                    _ = try DBNScan.recognizes(path)
                }
                if let message { #expect(message.contains(path), "\(message)") }
                if isCut, !ending.isEmpty, bytes.count >= 20 { #expect(message != nil, "a cut file was read as if it were whole") }
            }
        }
    }
}
