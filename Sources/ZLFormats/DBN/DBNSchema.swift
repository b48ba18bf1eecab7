/// What the records of a DBN file are. The raw value is the code in the metadata.
package enum DBNSchema: UInt16, Hashable, Sendable, CaseIterable {
    case mbo = 0, mbp1, mbp10, tbbo, trades
    case ohlcv1s, ohlcv1m, ohlcv1h, ohlcv1d
    case definition, statistics, status, imbalance
    case ohlcvEOD, cmbp1, cbbo1s, cbbo1m, tcbbo, bbo1s, bbo1m

    /// The code of a file whose records are of several schemas.
    static let mixedCode: UInt16 = 65_535

    package var name: String {
        switch self {
        case .mbo: "mbo"
        case .mbp1: "mbp-1"
        case .mbp10: "mbp-10"
        case .tbbo: "tbbo"
        case .trades: "trades"
        case .ohlcv1s: "ohlcv-1s"
        case .ohlcv1m: "ohlcv-1m"
        case .ohlcv1h: "ohlcv-1h"
        case .ohlcv1d: "ohlcv-1d"
        case .definition: "definition"
        case .statistics: "statistics"
        case .status: "status"
        case .imbalance: "imbalance"
        case .ohlcvEOD: "ohlcv-eod"
        case .cmbp1: "cmbp-1"
        case .cbbo1s: "cbbo-1s"
        case .cbbo1m: "cbbo-1m"
        case .tcbbo: "tcbbo"
        case .bbo1s: "bbo-1s"
        case .bbo1m: "bbo-1m"
        }
    }

    /// Record types that a file of the schema may hold. Old bars (0x11) do not say how long they are.
    var recordTypes: [UInt8] {
        switch self {
        case .mbo: [0xA0]
        case .mbp1, .tbbo: [0x01]
        case .mbp10: [0x0A]
        case .trades: [0x00]
        case .ohlcv1s: [0x20, 0x11]
        case .ohlcv1m: [0x21, 0x11]
        case .ohlcv1h: [0x22, 0x11]
        case .ohlcv1d: [0x23, 0x11]
        case .ohlcvEOD: [0x24, 0x11]
        case .definition: [0x13]
        case .statistics: [0x18]
        case .status: [0x12]
        case .imbalance: [0x14]
        case .cmbp1: [0xB1]
        case .tcbbo: [0xC2]
        case .cbbo1s: [0xC0]
        case .cbbo1m: [0xC1]
        case .bbo1s: [0xC3]
        case .bbo1m: [0xC4]
        }
    }

    /// What a record type is called in messages.
    static func describe(recordType: UInt8) -> String {
        let hex = String(recordType, radix: 16, uppercase: true)
        let code = "0x" + (hex.count == 1 ? "0" + hex : hex)
        switch recordType {
        case 0x11: return "\(code) (ohlcv)"
        case 0x15: return "\(code) (error)"
        case 0x16: return "\(code) (symbol mapping)"
        case 0x17: return "\(code) (system)"
        default:
            let names = allCases.filter { $0.recordTypes.contains(recordType) }.map { $0.name }
            return names.isEmpty ? "\(code) (unknown)" : "\(code) (\(names.joined(separator: " or ")))"
        }
    }
}
