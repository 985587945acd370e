//! `/v1/plant`: so far its rooms.

use super::{
    Row, act, read,
    read::{list, show},
    room::{CreateRoom, RemoveRoom, UpdateRoom},
};
use crate::model::GrowRoom;

#[rustfmt::skip]
pub const ROUTES: &[Row] = &[
    read("GET /v1/plant/room",                list::<GrowRoom>),
    act::<CreateRoom<GrowRoom>>("POST /v1/plant/room"),
    read("GET /v1/plant/room/{id}",           show::<GrowRoom>),
    act::<UpdateRoom<GrowRoom>>("PUT /v1/plant/room/{id}"),
    act::<RemoveRoom<GrowRoom>>("DELETE /v1/plant/room/{id}"),
];
