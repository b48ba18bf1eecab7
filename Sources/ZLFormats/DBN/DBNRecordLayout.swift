import ZLColumnar

/// How a field lies in a record and what stands for "nothing" in it.
enum DBNFieldKind: Hashable, Sendable {
    /// Int64 times 1e-9; the greatest Int64 is undefined.
    case price
    /// Nanoseconds since 1970 in a UInt64; 0 and the greatest UInt64 are undefined.
    case timestamp
    /// One ASCII letter; 0 is undefined.
    case letter
    case uint8, uint16, uint32, uint64, int32
    /// The greatest value is undefined.
    case optionalUInt16, optionalUInt32, optionalInt64
    /// 32 bits in the file, 64 in the column; the greatest Int32 is undefined.
    case widenedInt32

    func columnType(priceAsDecimal: Bool) -> DataType {
        switch self {
        // why: 18 digits do not hold every Int64, 19 do.
        case .price: priceAsDecimal ? .decimal(precision: 19, scale: 9) : .double
        case .timestamp: .timestampNS
        case .letter: .varchar
        case .uint8: .utinyint
        case .uint16, .optionalUInt16: .usmallint
        case .uint32, .optionalUInt32: .uinteger
        case .uint64: .ubigint
        case .int32: .integer
        case .optionalInt64, .widenedInt32: .bigint
        }
    }
}

struct DBNField: Hashable, Sendable {
    var name: String
    /// Bytes from the start of the record.
    var offset: Int
    var kind: DBNFieldKind

    init(_ name: String, _ offset: Int, _ kind: DBNFieldKind) {
        self.name = name
        self.offset = offset
        self.kind = kind
    }
}

/// The fields of a record in the order of Databento's CSV header, as one version of the encoding lays them out.
struct DBNRecordLayout: Sendable {
    /// Bytes of the record without `ts_out`.
    var byteCount: Int
    var fields: [DBNField]
    /// Where the timestamp lies whose day a symbol is looked up for: `ts_recv`, or `ts_event` where there is none.
    var indexOffset: Int

    init(byteCount: Int, receivedAt: Int? = nil, _ fields: [DBNField]) {
        self.byteCount = byteCount
        indexOffset = receivedAt ?? DBNRecordLayout.eventOffset
        let received = receivedAt.map { [DBNField("ts_recv", $0, .timestamp)] } ?? []
        self.fields = received + DBNRecordLayout.header + fields
    }

    private static let eventOffset = 8
    private static let header = [
        DBNField("ts_event", eventOffset, .timestamp), DBNField("rtype", 1, .uint8), DBNField("publisher_id", 2, .uint16),
        DBNField("instrument_id", instrumentOffset, .uint32),
    ]
    static let headerByteCount = 16
    static let instrumentOffset = 4

    /// The layouts that records of a schema may have, told apart by their length; empty where the schema is not read yet.
    static func layouts(of schema: DBNSchema) -> [DBNRecordLayout] {
        switch schema {
        case .ohlcv1s, .ohlcv1m, .ohlcv1h, .ohlcv1d, .ohlcvEOD: [ohlcv]
        case .trades: [trades]
        case .mbp1, .tbbo: [DBNRecordLayout(byteCount: 80, receivedAt: 32, tradeFields + level(0, counts: .count))]
        case .mbp10: [mbp10]
        case .mbo: [mbo]
        case .bbo1s, .bbo1m: [bbo]
        case .statistics: [statistics3, statistics1]
        case .status: [status]
        case .imbalance: [imbalance]
        case .cmbp1, .tcbbo: [cmbp]
        case .cbbo1s, .cbbo1m: [cbbo]
        case .definition: []
        }
    }

    private static let ohlcv = DBNRecordLayout(byteCount: 56, [
        DBNField("open", 16, .price), DBNField("high", 24, .price), DBNField("low", 32, .price),
        DBNField("close", 40, .price), DBNField("volume", 48, .uint64),
    ])

    private static let tradeFields = [
        DBNField("action", 28, .letter), DBNField("side", 29, .letter), DBNField("depth", 31, .uint8),
        DBNField("price", 16, .price), DBNField("size", 24, .optionalUInt32), DBNField("flags", 30, .uint8),
        DBNField("ts_in_delta", 40, .int32), DBNField("sequence", 44, .uint32),
    ]

    private static let trades = DBNRecordLayout(byteCount: 48, receivedAt: 32, tradeFields)

    private static let mbp10 = DBNRecordLayout(
        byteCount: 368, receivedAt: 32, tradeFields + (0..<10).flatMap { level($0, counts: .count) })

    private enum LevelTail { case count, publisher }

    /// One price level of a book, 32 bytes each from byte 48 on.
    private static func level(_ number: Int, counts: LevelTail) -> [DBNField] {
        let base = 48 + 32 * number
        let digits = number < 10 ? "0\(number)" : "\(number)"
        let prices = [
            DBNField("bid_px_\(digits)", base, .price), DBNField("ask_px_\(digits)", base + 8, .price),
            DBNField("bid_sz_\(digits)", base + 16, .uint32), DBNField("ask_sz_\(digits)", base + 20, .uint32),
        ]
        switch counts {
        case .count:
            return prices + [
                DBNField("bid_ct_\(digits)", base + 24, .uint32), DBNField("ask_ct_\(digits)", base + 28, .uint32),
            ]
        case .publisher:
            return prices + [
                DBNField("bid_pb_\(digits)", base + 24, .uint16), DBNField("ask_pb_\(digits)", base + 28, .uint16),
            ]
        }
    }

    private static let mbo = DBNRecordLayout(byteCount: 56, receivedAt: 40, [
        DBNField("action", 38, .letter), DBNField("side", 39, .letter), DBNField("price", 24, .price),
        DBNField("size", 32, .optionalUInt32), DBNField("channel_id", 37, .uint8), DBNField("order_id", 16, .uint64),
        DBNField("flags", 36, .uint8), DBNField("ts_in_delta", 48, .int32), DBNField("sequence", 52, .uint32),
    ])

    private static let bbo = DBNRecordLayout(byteCount: 80, receivedAt: 32, [
        DBNField("side", 29, .letter), DBNField("price", 16, .price), DBNField("size", 24, .optionalUInt32),
        DBNField("flags", 30, .uint8), DBNField("sequence", 44, .uint32),
    ] + level(0, counts: .count))

    private static let statistics3 = DBNRecordLayout(byteCount: 80, receivedAt: 16, [
        DBNField("ts_ref", 24, .timestamp), DBNField("price", 32, .price), DBNField("quantity", 40, .optionalInt64),
        DBNField("sequence", 48, .uint32), DBNField("ts_in_delta", 52, .int32), DBNField("stat_type", 56, .uint16),
        DBNField("channel_id", 58, .uint16), DBNField("update_action", 60, .uint8), DBNField("stat_flags", 61, .uint8),
    ])

    /// Versions 1 and 2.
    private static let statistics1 = DBNRecordLayout(byteCount: 64, receivedAt: 16, [
        DBNField("ts_ref", 24, .timestamp), DBNField("price", 32, .price), DBNField("quantity", 40, .widenedInt32),
        DBNField("sequence", 44, .uint32), DBNField("ts_in_delta", 48, .int32), DBNField("stat_type", 52, .uint16),
        DBNField("channel_id", 54, .uint16), DBNField("update_action", 56, .uint8), DBNField("stat_flags", 57, .uint8),
    ])

    private static let status = DBNRecordLayout(byteCount: 40, receivedAt: 16, [
        DBNField("action", 24, .optionalUInt16), DBNField("reason", 26, .optionalUInt16),
        DBNField("trading_event", 28, .optionalUInt16), DBNField("is_trading", 30, .letter),
        DBNField("is_quoting", 31, .letter), DBNField("is_short_sell_restricted", 32, .letter),
    ])

    private static let imbalance = DBNRecordLayout(byteCount: 112, receivedAt: 16, [
        DBNField("ref_price", 24, .price), DBNField("auction_time", 32, .timestamp),
        DBNField("cont_book_clr_price", 40, .price), DBNField("auct_interest_clr_price", 48, .price),
        DBNField("ssr_filling_price", 56, .price), DBNField("ind_match_price", 64, .price),
        DBNField("upper_collar", 72, .price), DBNField("lower_collar", 80, .price),
        DBNField("paired_qty", 88, .optionalUInt32), DBNField("total_imbalance_qty", 92, .optionalUInt32),
        DBNField("market_imbalance_qty", 96, .optionalUInt32), DBNField("unpaired_qty", 100, .optionalUInt32),
        DBNField("auction_type", 104, .letter), DBNField("side", 105, .letter), DBNField("auction_status", 106, .uint8),
        DBNField("freeze_status", 107, .uint8), DBNField("num_extensions", 108, .uint8),
        DBNField("unpaired_side", 109, .letter), DBNField("significant_imbalance", 110, .letter),
    ])

    private static let cmbp = DBNRecordLayout(byteCount: 80, receivedAt: 32, [
        DBNField("action", 28, .letter), DBNField("side", 29, .letter), DBNField("price", 16, .price),
        DBNField("size", 24, .optionalUInt32), DBNField("flags", 30, .uint8), DBNField("ts_in_delta", 40, .int32),
    ] + level(0, counts: .publisher))

    private static let cbbo = DBNRecordLayout(byteCount: 80, receivedAt: 32, [
        DBNField("side", 29, .letter), DBNField("price", 16, .price), DBNField("size", 24, .optionalUInt32),
        DBNField("flags", 30, .uint8),
    ] + level(0, counts: .publisher))
}
