"""Addresses of casework, below that of the Vorgang."""

from django.urls import path

from cases.casework import deadlines, decisions, life, records, requests, writing

urlpatterns = [
    path("pruefung-beginnen/", life.TakeUpView.as_view(), name="case-take-up"),
    path("uebernehmen/", life.TakeView.as_view(), name="case-take"),
    path("zuweisung-zuruecknehmen/", life.UndoAssignView.as_view(), name="assign-undo"),
    path("zuweisen/", life.AssignView.as_view(), name="case-assign"),
    path("abgeben/", life.HandOverView.as_view(), name="case-hand-over"),
    path("schuetzen/", life.ProtectView.as_view(), name="case-protect"),
    path("abschliessen/", life.CloseView.as_view(), name="case-close"),
    path("wieder-aufnehmen/", life.ReopenView.as_view(), name="case-reopen"),
    path("nachforderung/", requests.RequestView.as_view(), name="case-request"),
    path("nachforderungen/<int:number>/verlaengern/", requests.ExtendRequestView.as_view(), name="request-extend"),
    path(
        "nachforderungen/<int:number>/zuruecknehmen/", requests.WithdrawRequestView.as_view(), name="request-withdraw"
    ),
    path("nachforderungen/<int:number>/erinnern/", requests.RemindView.as_view(), name="request-remind"),
    path("nachforderungen/<int:number>/punkte/", requests.ItemsView.as_view(), name="request-items"),
    path("nachforderungen/<int:number>/abgelaufen/", requests.ExpireView.as_view(), name="request-expire"),
    path("antwort-eingegangen/", requests.ArrivedView.as_view(), name="case-arrived"),
    path("frist/", deadlines.NewDeadlineView.as_view(), name="deadline-new"),
    path("fristen/<int:deadline_id>/verlaengern/", deadlines.ExtendDeadlineView.as_view(), name="deadline-extend"),
    path("fristen/<int:deadline_id>/erledigen/", deadlines.SettleDeadlineView.as_view(), name="deadline-settle"),
    path("fristen/<int:deadline_id>/streichen/", deadlines.CancelDeadlineView.as_view(), name="deadline-cancel"),
    path("mitteilung/", writing.NoticeView.as_view(), name="case-notice"),
    path("vermerk/", writing.NoteView.as_view(), name="case-note"),
    path("vermerke/<int:note_id>/", writing.NoteView.as_view(), name="note-change"),
    path("versand/<int:dispatch_id>/versandt/", writing.SentView.as_view(), name="dispatch-sent"),
    path("versand/<int:dispatch_id>/nicht-versenden/", writing.WithholdView.as_view(), name="dispatch-withhold"),
    path("versand/<int:dispatch_id>/zugestellt/", writing.DeliveredView.as_view(), name="dispatch-delivered"),
    path("dokument/", records.UploadView.as_view(), name="case-upload"),
    path("dokumente/<int:number>/", records.DescribeView.as_view(), name="document-describe"),
    path("dokumente/<int:number>/verschieben/", records.MoveView.as_view(), name="document-move"),
    path("beteiligte/", records.PartyView.as_view(), name="party-add"),
    path("beteiligte/<int:party_id>/", records.PartyView.as_view(), name="party-change"),
    path("bescheid/", decisions.DraftView.as_view(), name="decision-draft"),
    path("bescheid/vorschau/", decisions.PreviewView.as_view(), name="decision-preview"),
    path("bescheid/freigeben/", decisions.ReleaseView.as_view(), name="decision-release"),
    path("bescheid/verwerfen/", decisions.DiscardView.as_view(), name="decision-discard"),
    path("bescheide/<int:number>/zuruecknehmen/", decisions.WithdrawDecisionView.as_view(), name="decision-withdraw"),
    path("bescheide/<int:number>/bestandskraft/", decisions.FinalView.as_view(), name="decision-final"),
    path("bescheide/<int:number>/rechtsbehelf/", decisions.RemedyView.as_view(), name="remedy-register"),
    path("rechtsbehelfe/<int:remedy_id>/", decisions.SettleView.as_view(), name="remedy-settle"),
]
