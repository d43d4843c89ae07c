//! Good messages of each channel, made up in the shape that it documents.

/// Stands for what is a person's; no error may repeat it.
pub const PERSON: &str = "Aigerim77011234567";

/// Pushes of Ozon's.
pub const OZON_PUSHES: [&str; 4] = [
    r#"{"message_type":"TYPE_NEW_POSTING","seller_id":30000001,"warehouse_id":22142605386000,"posting_number":"1-0001-1",
        "products":[{"sku":147451939,"offer_id":"TEA","quantity":3},{"sku":"147451940","offer_id":"","quantity":"1"}],
        "in_process_at":"2026-11-22T00:00:00Z","is_express":false,"tracking_number":""}"#,
    r#"{"message_type":"TYPE_POSTING_CANCELLED","seller_id":30000001,"warehouse_id":0,"posting_number":"1-0001-1",
        "products":[{"sku":147451939,"quantity":3}],"old_state":"posting_created","new_state":"posting_canceled",
        "changed_state_date":"2026-11-22T01:00:00.1Z","reason":{"id":352,"message":"none left"}}"#,
    r#"{"message_type":"TYPE_STATE_CHANGED","seller_id":"30000001","warehouse_id":0,"posting_number":"1-0001-1",
        "new_state":"posting_on_way_to_city","changed_state_date":"2026-11-22T02:00:00Z"}"#,
    r#"{"message_type":"TYPE_OF_TOMORROW","seller_id":"30000001","user":{"id":"115568"},"data":["Hello"]}"#,
];

/// Ozon's answers.
pub const OZON_ANSWERS: [&str; 7] = [
    r#"{"postings":[{"posting_number":"1-0001-1","parent_posting_number":"1-0001-0","status":"awaiting_deliver",
        "delivery_method":{"id":1,"warehouse_id":22142605386000},"tpl_integration_type":"non_integrated",
        "in_process_at":"2026-11-22T00:00:00.000Z","delivering_date":null,"cancellation":{"cancelled_after_ship":false},
        "customer":{"customer_id":11,"name":"Aigerim77011234567","phone":"Aigerim77011234567","customer_email":"",
            "address":{"zip_code":50000,"region":"","city":"Almaty","address_tail":"Aigerim77011234567"}},
        "addressee":{"name":"Aigerim77011234567","phone":"Aigerim77011234567"},
        "products":[{"sku":147451939,"name":"Tea","quantity":3,"offer_id":"TEA",
            "price":{"amount":"1530.50","currency":"RUB"}}]}],"cursor":"next","has_next":false}"#,
    r#"{"result":{"posting_number":"1-0001-1","status":"delivering","products":[{"sku":147451939,"quantity":3,
        "offer_id":"TEA","price":"1530.0000","currency_code":"RUB"}],"customer":null,"addressee":null}}"#,
    r#"{"returns":[{"id":"1","source_id":null,"posting_number":"1-0001-1","schema":"Fbs","product":{"sku":"147451939",
        "offer_id":"TEA","quantity":2},"logistic":{"return_date":"","final_moment":"2026-11-20T10:00:00Z"},
        "visual":{"status":{"id":1,"sys_name":"ReceivedBySeller"}}}],"has_next":false}"#,
    r#"{"result":[{"warehouse_id":7,"product_id":1,"offer_id":"TEA","updated":false,
        "errors":[{"code":"TOO_MANY_REQUESTS","message":"Stock is updated too frequently"}]},
        {"product_id":2,"offer_id":"CUP","updated":true,"errors":null}]}"#,
    r#"{"stocks":[{"offer_id":"TEA","product_id":1,"sku":"2","present":5,"reserved":2,"free_stock":3}],"cursor":"",
        "has_next":false}"#,
    r#"{"expires_at":"2027-01-01T00:00:00Z","roles":[{"name":"Posting","methods":["/v4/posting"]}]}"#,
    r#"{"code":8,"message":"Circle is open","details":[]}"#,
];

/// Wildberries' answers.
pub const WILDBERRIES_ANSWERS: [&str; 7] = [
    r#"{"next":0,"orders":[{"id":501,"rid":"aa11","createdAt":"2026-11-20T09:15:00Z","warehouseId":31,"chrtId":7001,
        "article":"TEE","skus":["2040000000011"],"price":129900,"convertedPrice":645000,"currencyCode":643,
        "convertedCurrencyCode":398,"isZeroOrder":false,"address":null}]}"#,
    r#"{"id":"9007199254740993","chrtId":18446744073709551615,"skus":null,"isZeroOrder":null}"#,
    r#"{"orders":[{"id":501,"supplierStatus":"complete","wbStatus":"sorted","isCancellable":false}]}"#,
    r#"{"stocks":[{"chrtId":7001,"amount":5}]}"#,
    r#"[{"code":"NotFound","message":"","data":[{"sku":"","chrtId":7001,"amount":5}]},{"code":"StoreIsProcessing"}]"#,
    r#"{"code":"IncorrectParameter","message":"no","title":"","detail":"","requestId":"1"}"#,
    r#"{"cards":[{"nmID":700,"vendorCode":"TEE","sizes":[{"chrtID":7001,"techSize":"M","skus":["2040000000011"]}]}],
        "cursor":{"updatedAt":"2026-11-20T09:15:00Z","nmID":700,"total":1}}"#,
];

/// Kaspi's answers.
pub const KASPI_ANSWERS: [&str; 3] = [
    r#"{"data":[{"type":"orders","id":"MTIz","attributes":{"code":"123","totalPrice":15990.0,"state":"NEW",
        "status":"APPROVED_BY_BANK","creationDate":1795341600000,"approvedByBankDate":1795341600000,
        "signatureRequired":false,"pickupPointId":"30000001_PP1","isKaspiDelivery":true,
        "kaspiDelivery":{"courierTransmissionDate":null,"returnedToWarehouse":false},
        "customer":{"id":"Aigerim77011234567","name":null,"cellPhone":"Aigerim77011234567",
            "firstName":"Aigerim77011234567","lastName":"Aigerim77011234567"},
        "deliveryAddress":{"formattedAddress":"Aigerim77011234567"}},
        "relationships":{"entries":{"data":[{"type":"orderentries","id":"a"}]}}}],
        "included":[{"type":"orderentries","id":"a","attributes":{"quantity":2,"offer":{"code":"TEA"}}}],
        "meta":{"pageCount":1,"totalCount":1}}"#,
    r#"{"data":[{"type":"orderentries","id":"a","attributes":{"quantity":2.0,"basePrice":100,"offer":{"code":"TEA"}}}],
        "meta":{"pageCount":1}}"#,
    r#"{"errors":[{"title":"Actual [30], max [14]."}]}"#,
];

/// Notifications of Yandex Market's.
pub const YANDEX_MARKET_PUSHES: [&str; 3] = [
    r#"{"notificationType":"ORDER_CREATED","orderId":501,"campaignId":40000001,"items":[{"offerId":"TEA","count":3}],
        "createdAt":"2026-11-22T09:58:00.213Z"}"#,
    r#"{"notificationType":"ORDER_RETURN_STATUS_UPDATED","orderId":501,"returnId":7,"campaignId":40000001,
        "statuses":{"refundStatus":"REFUNDED","shipmentStatus":"PICKED"},"updatedAt":"2026-11-22T09:58:00.213Z"}"#,
    r#"{"notificationType":"OF_TOMORROW","businessId":"30000001","chatId":8}"#,
];

/// Yandex Market's answers.
pub const YANDEX_MARKET_ANSWERS: [&str; 6] = [
    r#"{"orders":[{"orderId":501,"campaignId":40000001,"programType":"FBS","status":"PROCESSING","substatus":"STARTED",
        "creationDate":"2026-11-22T12:30:00+03:00","updateDate":"2026-11-22T12:45:00+03:00","fake":false,
        "items":[{"id":1,"offerId":"TEA","offerName":"Tea","count":3,
            "itemStatuses":[{"status":"CREATED","count":2},{"status":"CANCELLED","count":1}]}],
        "prices":{"payment":{"value":1589.5,"currencyId":"RUR"}},"notes":"Aigerim77011234567",
        "delivery":{"type":"DELIVERY","courier":{"address":{"street":"Aigerim77011234567"}}}}],
        "paging":{"nextPageToken":"next"}}"#,
    r#"{"orders":[{"orderId":502,"status":"DELIVERED","items":[{"offerId":"TEA","count":"1"}]}],"paging":{}}"#,
    r#"{"status":"OK","result":{"paging":{},"returns":[{"id":7,"orderId":502,"updateDate":"2026-11-22T12:00:00+03:00",
        "shipmentStatus":"PICKED","returnType":"RETURN","items":[{"shopSku":"TEA","count":1}]}]}}"#,
    r#"{"status":"OK","result":{"paging":{},"warehouses":[{"warehouseId":31,"offers":[{"offerId":"TEA",
        "stocks":[{"type":"FIT","count":7},{"type":"AVAILABLE","count":5}]}]}]}}"#,
    r#"{"status":"ERROR","errors":[{"code":"BAD_REQUEST","message":"TEA: no such offer"}]}"#,
    r#"{"status":"OK","result":{"apiKey":{"name":"Edin","authScopes":["ALL_METHODS"]}}}"#,
];

/// What is kept of WooCommerce's calls.
pub const WOOCOMMERCE_CALLS: [&str; 3] = [
    r#"{"topic":"order.updated","id":"501","status":"processing"}"#,
    r#"{"topic":"order.deleted","id":"501","status":""}"#,
    r#"{"topic":"order.of_tomorrow","id":501,"billing":{"first_name":"Aigerim77011234567"}}"#,
];

/// WooCommerce's answers.
pub const WOOCOMMERCE_ANSWERS: [&str; 5] = [
    r#"[{"id":501,"status":"processing","currency":"KZT","total":"3060.50","date_created_gmt":"2026-11-22T09:30:00",
        "date_modified_gmt":"2026-11-22T09:45:00","date_paid_gmt":"2026-11-22T09:30:00","date_completed_gmt":null,
        "billing":{"first_name":"Aigerim77011234567","last_name":"","email":"","phone":"Aigerim77011234567"},
        "line_items":[{"id":11,"product_id":29,"variation_id":30,"quantity":2,"sku":"TEA","price":1530.25,
            "meta_data":[{"id":1,"key":"_restock_refunded_items","value":"1"},{"id":2,"key":"gift","value":{"to":[]}}]}]},
        {"id":"502","status":"trash","date_modified_gmt":"","billing":null,"line_items":[]}]"#,
    r#"[{"id":28,"stock_quantity":9,"stock_status":"instock"},{"id":30,"stock_quantity":null,"stock_status":"outofstock"}]"#,
    r#"{"update":[{"id":28,"manage_stock":true,"stock_quantity":5,"stock_status":"instock"},
        {"id":999999,"error":{"code":"woocommerce_rest_product_invalid_id","message":"Invalid ID.","data":{"status":400}}}]}"#,
    r#"[{"id":7,"name":"order.created","status":"disabled","topic":"order.created",
        "delivery_url":"https://edin.example/hooks/woocommerce-main/00"}]"#,
    r#"{"code":"woocommerce_rest_cannot_view","message":"Sorry, you cannot list resources.","data":{"status":401}}"#,
];

/// All of them.
pub fn all() -> Vec<&'static str> {
    let pushes = [&OZON_PUSHES[..], &YANDEX_MARKET_PUSHES, &WOOCOMMERCE_CALLS].concat();
    let marketplaces = [&OZON_ANSWERS[..], &WILDBERRIES_ANSWERS, &KASPI_ANSWERS, &YANDEX_MARKET_ANSWERS].concat();
    [&pushes[..], &marketplaces, &WOOCOMMERCE_ANSWERS].concat()
}
